//! Just enough of HTTP/1 to answer one request a connection.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

const LARGEST: u64 = 64 * 1024;

pub fn answer(mut stream: TcpStream, greeting: &str) -> Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(stream.try_clone()?).take(LARGEST);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':') {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
    }
    let mut words = line.split(' ');
    let (status, body) = match (words.next(), words.next()) {
        (Some("GET"), Some("/healthz")) => ("200 OK", "ok\n".to_owned()),
        (Some("GET"), Some("/")) => ("200 OK", format!("{greeting}\n")),
        (Some("POST"), Some("/count")) => {
            let mut text = String::new();
            reader.take(length).read_to_string(&mut text)?;
            ("200 OK", format!("{}\n", count(&text)))
        }
        _ => ("404 Not Found", "not found\n".to_owned()),
    };
    let size = body.len();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n{body}")
}

fn count(text: &str) -> usize {
    text.split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn words_are_what_stands_between_blanks() {
        assert_eq!(count(""), 0);
        assert_eq!(count(" one  two\nthree "), 3);
    }
}
