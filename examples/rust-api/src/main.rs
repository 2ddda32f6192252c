//! Counts words: POST a text to /count, and get a number. Without a library, to keep the example small.

mod health;
mod http;

use std::io::Result;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread;

const PORT: u16 = 8080;

fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some("health") {
        return health::ask(PORT);
    }
    // signals stop a process that has nothing to save: the system's own way is quick enough
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT))?;
    println!("listening on {PORT}");
    let greeting = Arc::new(std::env::var("GREETING").unwrap_or_default());
    for stream in listener.incoming() {
        let (stream, greeting) = (stream?, Arc::clone(&greeting));
        thread::spawn(move || {
            if let Err(error) = http::answer(stream, &greeting) {
                eprintln!("{error}");
            }
        });
    }
    Ok(())
}
