//! Messages over standard input and output, each behind a header with its length.
//!
//! What arrives may be anything. A message that is no JSON, or no message, is answered with an error, and the next one is
//! read; only where the headers themselves make no sense for long is the connection given up.

use std::io::{self, BufRead, Read, Write};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, unbounded};
use lsp_server::{Connection, ErrorCode, Message};
use serde_json::{Value, json};

/// The largest message that is read, in bytes; a larger one is skipped.
const MAX_MESSAGE: u64 = 256 * 1024 * 1024;

/// How many lines in a row may be no header.
const MAX_STRAY_LINES: usize = 1_000;

/// An answer to something that was no message, and so has no identity.
#[derive(Debug)]
struct Complaint {
    code: ErrorCode,
    message: String,
}

/// What was read.
#[derive(Debug)]
enum In {
    Message(Box<Message>),
    Bad(Complaint),
}

/// Reads standard input and writes standard output, each in a thread of its own. The connection's receiver ends with
/// the input.
pub(super) fn stdio() -> io::Result<(Connection, JoinHandle<()>)> {
    let (complain, complaints) = unbounded();
    let (read, receiver) = unbounded();
    let (sender, messages) = unbounded();
    std::thread::Builder::new().name("reader".to_owned()).spawn(move || {
        read_all(&mut io::stdin().lock(), &read, &complain);
    })?;
    let writer = std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
        // A client that is gone needs no answers.
        let _ = write_all(&mut io::stdout().lock(), &messages, &complaints);
    })?;
    Ok((Connection { sender, receiver }, writer))
}

fn read_all(input: &mut dyn BufRead, messages: &Sender<Message>, complaints: &Sender<Complaint>) {
    while let Ok(Some(read)) = read_one(input) {
        let sent = match read {
            In::Message(message) => {
                let is_exit = matches!(&*message, Message::Notification(it) if it.method == "exit");
                let sent = messages.send(*message).is_ok();
                sent && !is_exit
            }
            In::Bad(complaint) => complaints.send(complaint).is_ok(),
        };
        if !sent {
            return;
        }
    }
}

/// `None` at the end of the input.
fn read_one(input: &mut dyn BufRead) -> io::Result<Option<In>> {
    let Some(length) = read_header(input)? else { return Ok(None) };
    if length > MAX_MESSAGE {
        let skipped = io::copy(&mut input.take(length), &mut io::sink())?;
        let message = format!("a message of {length} bytes is too long, {skipped} bytes were skipped");
        return Ok(Some(In::Bad(Complaint { code: ErrorCode::InvalidRequest, message })));
    }
    let mut bytes = Vec::new();
    // Whatever the header promised, only what comes takes room.
    input.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Ok(None);
    }
    Ok(Some(parse(&bytes)))
}

fn parse(bytes: &[u8]) -> In {
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => {
            return In::Bad(Complaint { code: ErrorCode::ParseError, message: format!("this is no JSON: {error}") });
        }
    };
    let has_identity = value.get("id").is_some();
    match serde_json::from_value(value) {
        // An identity of a kind that there is not would make a request look like a notification.
        Ok(message) if !has_identity || !matches!(message, Message::Notification(_)) => In::Message(Box::new(message)),
        Ok(_) | Err(_) => In::Bad(Complaint {
            code: ErrorCode::InvalidRequest,
            message: "this is no request, answer or notification of JSON-RPC".to_owned(),
        }),
    }
}

/// The length that a header names.
fn read_header(input: &mut dyn BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    for _ in 0..MAX_STRAY_LINES {
        let mut line = Vec::new();
        // A header line is short; a stray stream without line ends must not fill the memory.
        if input.take(64 * 1024).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_ascii();
        if line.is_empty() {
            if length.is_some() {
                return Ok(length);
            }
            continue;
        }
        let text = String::from_utf8_lossy(line);
        if let Some((name, value)) = text.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "there is no header"))
}

fn write_all(
    mut output: &mut dyn Write,
    messages: &Receiver<Message>,
    complaints: &Receiver<Complaint>,
) -> io::Result<()> {
    loop {
        crossbeam_channel::select! {
            recv(messages) -> message => match message {
                Ok(message) => message.write(&mut output)?,
                Err(_) => return Ok(()),
            },
            recv(complaints) -> complaint => match complaint {
                Ok(complaint) => write_complaint(output, &complaint)?,
                // The input has ended; what is left to say is still said.
                Err(_) => return messages.iter().try_for_each(|message| message.write(&mut output)),
            },
        }
    }
}

fn write_complaint(output: &mut dyn Write, Complaint { code, message }: &Complaint) -> io::Result<()> {
    let error = json!({"jsonrpc": "2.0", "id": null, "error": {"code": *code as i32, "message": message}});
    let text = error.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<String> {
        let mut input = text;
        let mut found = Vec::new();
        while let Ok(Some(read)) = read_one(&mut input) {
            found.push(match read {
                In::Message(message) => serde_json::to_string(&*message).unwrap(),
                In::Bad(Complaint { code, message }) => format!("{}: {message}", code as i32),
            });
        }
        found
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn what_is_no_message_is_told_and_the_next_one_is_read() {
        let good = r#"{"method":"a"}"#;
        for bad in ["{", "[]", "1", "\"x\"", r#"{"id":{}}"#, r#"{"id":1.5,"method":"a"}"#, "\u{1f980}"] {
            let found = read(format!("{}{}", framed(bad), framed(good)).as_bytes());
            assert_eq!(found.len(), 2, "{bad}: {found:?}");
            assert!(found[0].starts_with("-32700") || found[0].starts_with("-32600"), "{found:?}");
            assert_eq!(found[1], good);
        }
    }

    #[test]
    fn headers_may_have_any_case_and_company() {
        let text = "content-length:14\nContent-Type: x\r\n\r\n{\"method\":\"a\"}";
        assert_eq!(read(text.as_bytes()), [r#"{"method":"a"}"#]);
        let stray = format!("hello\r\n\r\n\r\n{}", framed(r#"{"method":"a"}"#));
        assert_eq!(read(stray.as_bytes()), [r#"{"method":"a"}"#]);
    }

    #[test]
    fn lengths_that_are_wrong_take_no_memory() {
        assert_eq!(read(b"Content-Length: 99999999999999999\r\n\r\n{}").len(), 1);
        assert_eq!(read(b"Content-Length: 100000000\r\n\r\n{}"), [""; 0]);
        assert_eq!(read(b"Content-Length: -1\r\n\r\n"), [""; 0]);
        assert_eq!(read(b"\xff\xfe\x00\r\n\r\n"), [""; 0]);
        assert_eq!(read(b""), [""; 0]);
    }

    #[test]
    fn errors_without_an_identity_are_written() {
        let mut out = Vec::new();
        let complaint = Complaint { code: ErrorCode::ParseError, message: "x".to_owned() };
        write_complaint(&mut out, &complaint).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with(r#"{"error":{"code":-32700,"message":"x"},"id":null,"jsonrpc":"2.0"}"#), "{text}");
    }
}
