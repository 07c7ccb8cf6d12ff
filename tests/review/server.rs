//! A small HTTP server, and what all platforms that are played here have in common.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

use serde_json::Value;

pub struct Request {
    pub method: String,
    /// Without the query.
    pub path: String,
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Option<Value>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    pub fn is_writing(&self) -> bool {
        self.method != "GET"
    }
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Option<Value>,
}

impl Answer {
    pub fn of(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    pub fn nothing() -> Self {
        Self { status: 204, headers: Vec::new(), body: None }
    }

    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

/// What goes wrong, once.
pub enum Trouble {
    /// The next request whose method and path begin like this gets the answer, and is not carried out.
    Refuses(&'static str, Answer),
    /// The next such request is carried out, and there is no answer.
    LosesAnswer(&'static str),
}

/// What goes wrong with a request, which is over with that.
pub fn trouble(all: &mut Vec<Trouble>, what: &str) -> Option<Trouble> {
    let is_it = |it: &Trouble| match it {
        Trouble::Refuses(start, _) | Trouble::LosesAnswer(start) => what.starts_with(start),
    };
    all.iter().position(is_it).map(|at| all.remove(at))
}

/// A page of a list, with links to the others.
pub fn page(request: &Request, base: &str, all: &[Value], most: usize) -> (Vec<Value>, Option<String>) {
    let size = request.query("per_page").map_or(30, |it| it.parse().unwrap()).min(most);
    let page: usize = request.query("page").map_or(1, |it| it.parse().unwrap());
    let items: Vec<Value> = all.iter().skip((page - 1) * size).take(size).cloned().collect();
    let link = |to: usize, name: &str| format!("<{base}{}?per_page={size}&page={to}>; rel=\"{name}\"", request.path);
    let last = all.len().div_ceil(size).max(1);
    let mut links = Vec::new();
    if page > 1 {
        links.push(link(page - 1, "prev"));
    }
    if page < last {
        links.extend([link(page + 1, "next"), link(last, "last")]);
    }
    (items, (!links.is_empty()).then(|| links.join(", ")))
}

/// What is played.
pub trait Played: Send + 'static {
    fn answer(&mut self, request: &Request) -> Answer;
}

/// A server that answers until it is dropped.
pub struct Server<P> {
    pub address: String,
    played: Arc<Mutex<P>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl<P: Played> Server<P> {
    /// `make` is told the address.
    pub fn start(make: impl FnOnce(&str) -> P) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let played = Arc::new(Mutex::new(make(&address)));
        let ends = Arc::new(AtomicBool::new(false));
        let thread = {
            let (played, ends) = (Arc::clone(&played), Arc::clone(&ends));
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    if ends.load(Ordering::SeqCst) {
                        break;
                    }
                    if let Some((request, mut stream)) = stream.ok().and_then(read) {
                        let answer = played.lock().unwrap().answer(&request);
                        // 0 is for a server that breaks down.
                        if answer.status != 0 {
                            write(&mut stream, &answer);
                        }
                    }
                }
            })
        };
        Self { address, played, ends, thread: Some(thread) }
    }

    pub fn played(&self) -> MutexGuard<'_, P> {
        self.played.lock().unwrap()
    }
}

impl<P> Drop for Server<P> {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        // Wakes it up.
        let _ = TcpStream::connect(self.address.trim_start_matches("http://"));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(stream: TcpStream) -> Option<(Request, TcpStream)> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, it)| it.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = query.split('&').filter_map(|it| it.split_once('='));
    let request = Request {
        method,
        path: path.to_owned(),
        query: query.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        headers,
        body: (length > 0).then(|| serde_json::from_slice(&body).expect("a body is JSON")),
    };
    Some((request, stream))
}

fn write(stream: &mut TcpStream, answer: &Answer) {
    let body = answer.body.as_ref().map(Value::to_string).unwrap_or_default();
    let mut text = format!("HTTP/1.1 {} Whatever\r\nconnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if answer.body.is_some() {
        text.push_str("content-type: application/json; charset=utf-8\r\n");
    }
    if answer.status != 204 {
        text.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    let _ = stream.write_all(format!("{text}\r\n{body}").as_bytes());
}
