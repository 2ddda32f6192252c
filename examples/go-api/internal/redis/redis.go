// Package redis speaks as much of Redis's protocol as the guest book needs, over a connection a command.
package redis

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

const patience = 2 * time.Second

// Client is a Redis server at an address (host:port).
type Client struct {
	Address string
}

// Do runs a command, and gives the words of its answer.
func (c Client) Do(words ...string) ([]string, error) {
	conn, err := net.DialTimeout("tcp", c.Address, patience)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(conn)
	if _, err := io.WriteString(conn, command(words...)); err != nil {
		return nil, err
	}
	return read(reader)
}

func command(words ...string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&text, "$%d\r\n%s\r\n", len(word), word)
	}
	return text.String()
}

func read(reader *bufio.Reader) ([]string, error) {
	line, err := reader.ReadString('\n')
	if err != nil {
		return nil, err
	}
	kind, rest := line[0], strings.TrimSpace(line[1:])
	switch kind {
	case '-':
		return nil, errors.New(rest)
	case '$':
		length, err := strconv.Atoi(rest)
		if err != nil || length < 0 {
			return nil, err
		}
		word := make([]byte, length+2)
		_, err = io.ReadFull(reader, word)
		return []string{string(word[:length])}, err
	case '*':
		count, err := strconv.Atoi(rest)
		found := make([]string, 0, max(count, 0))
		for err == nil && len(found) < count {
			words, err := read(reader)
			if err != nil {
				return nil, err
			}
			found = append(found, words...)
		}
		return found, err
	default:
		return []string{rest}, nil
	}
}
