//! The way to a platform's interface: JSON over HTTP, with a token, proxies and private certificates as the system has them.
//!
//! Rate limits are waited out, up to a bound for the whole run. What is repeated after a fault is only what may be done
//! twice: a `POST` that could have been carried out although no answer came is told as [`Error::Doubtful`], and who asked for it
//! looks first what is there.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ureq::http::{Request, Response};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

/// Far more than any page of an answer has.
const MAX_ANSWER_BYTES: u64 = 64 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
const CALL_TIMEOUT: Duration = Duration::from_secs(120);
/// How often a fault of the server or the network is met with another try.
const TRIES_AFTER_FAULTS: u32 = 3;
/// GitHub asks for a minute at least where it does not say how long.
const UNSAID_WAIT: Duration = Duration::from_secs(60);
/// After so many writing requests the next ones are a second apart, as GitHub asks for "large numbers" of them.
const WRITES_WITHOUT_PAUSE: u32 = 10;
const PAUSE: Duration = Duration::from_secs(1);
/// A list that has more pages than this is no list of a pull request.
const MAX_PAGES: usize = 1000;

/// A secret. It is in no text that this program makes: it has no `Display`, its `Debug` tells nothing, and [`Token::scrub`]
/// takes it out of what others say.
pub struct Token(String);

impl Token {
    /// `None` when there is nothing but blanks.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// Whether it can stand in a header.
    fn is_sendable(&self) -> bool {
        self.0.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// The text without the token.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        text.replace(&self.0, "***")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// How a platform wants to be shown the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Bearer`.
    Bearer,
    /// `PRIVATE-TOKEN`, for GitLab's personal, project and group access tokens.
    PrivateToken,
}

/// What is to be known of time. Tests have one in which nobody waits.
pub trait Clock {
    /// Seconds since 1970, as rate limits are told.
    fn now(&self) -> u64;
    fn sleep(&self, time: Duration);
}

/// The system's clock.
#[derive(Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs())
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The platform refused.
    #[error("{method} {path}: {status}: {message}")]
    Refused { method: Method, path: String, status: u16, message: String },
    #[error("{method} {path}: {reason}")]
    Unreachable { method: Method, path: String, reason: String },
    /// It cannot be said whether the request was carried out.
    #[error("{method} {path}: {reason}; whether it was carried out is not known")]
    Doubtful { method: Method, path: String, reason: String },
    #[error("{method} {path}: the answer cannot be read: {reason}")]
    Unreadable { method: Method, path: String, reason: String },
    #[error(
        "{method} {path}: the rate limit asks to wait {} s, and of --max-wait there are {} s left",
        wait.as_secs(),
        left.as_secs()
    )]
    TooLong { method: Method, path: String, wait: Duration, left: Duration },
    #[error("the token has a character that no token can have")]
    BadToken,
    #[error("cannot write the request that would be sent: {0}")]
    Output(std::io::Error),
}

impl Error {
    /// The status with which the platform refused.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Error::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The token, if any, may not do this. Platforms answer 404 where not even that shall be known.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        matches!(self.status(), Some(401 | 403 | 404))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }

    /// Doing it twice comes to the same as doing it once.
    fn may_be_repeated(self) -> bool {
        self != Method::Post
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a client talks to, and how.
#[derive(Debug)]
pub struct Settings {
    /// With scheme, and without a slash at its end.
    pub base_url: String,
    pub token: Option<Token>,
    pub auth: Auth,
    /// Sent with each request.
    pub headers: &'static [(&'static str, &'static str)],
    /// How long rate limits and faults may be waited out, all waits together.
    pub max_wait: Duration,
}

/// A connection to a platform.
pub struct Client<'a> {
    agent: Agent,
    settings: Settings,
    clock: &'a dyn Clock,
    waited: Cell<Duration>,
    writes: Cell<u32>,
    /// Where requests that write go to instead of being sent.
    dry_run: Option<RefCell<&'a mut dyn Write>>,
    /// Is told of each wait.
    notes: &'a dyn Fn(&str),
}

impl<'a> Client<'a> {
    /// With `dry_run`, writing requests are printed there, each as one line of JSON, and not sent.
    #[must_use]
    pub fn new(
        settings: Settings,
        clock: &'a dyn Clock,
        dry_run: Option<&'a mut dyn Write>,
        notes: &'a dyn Fn(&str),
    ) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .user_agent(concat!("hookshift/", env!("CARGO_PKG_VERSION")))
            .redirect_auth_headers(ureq::config::RedirectAuthHeaders::SameHost)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(CALL_TIMEOUT))
            .build();
        Self {
            agent: config.new_agent(),
            settings,
            clock,
            waited: Cell::new(Duration::ZERO),
            writes: Cell::new(0),
            dry_run: dry_run.map(RefCell::new),
            notes,
        }
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.dry_run.is_some()
    }

    /// How many writing requests were sent, or would have been.
    #[must_use]
    pub fn writes(&self) -> u32 {
        self.writes.get()
    }

    /// Reads what is at a path, which begins with a slash.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let answer = self.ask(Method::Get, path, None, true)?;
        read(Method::Get, path, &answer.body)
    }

    /// Reads all pages of a list; `items` takes the list out of a page.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn get_all<P: DeserializeOwned, T>(&self, path: &str, items: impl Fn(P) -> Vec<T>) -> Result<Vec<T>, Error> {
        let bare = path.split('?').next().unwrap_or(path);
        let mut all = Vec::new();
        let mut next = Some(path.to_owned());
        for _ in 0..MAX_PAGES {
            let Some(path) = next.take() else { break };
            let answer = self.ask(Method::Get, &path, None, true)?;
            all.extend(items(read(Method::Get, &path, &answer.body)?));
            // Only the query is taken: where to send the token is nothing that an answer decides.
            next = answer.next_query.map(|query| format!("{bare}?{query}"));
        }
        Ok(all)
    }

    /// Sends a request that changes something. In a dry run it is printed, and the answer is `null`.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Error> {
        self.write(method, path, body, method.may_be_repeated())
    }

    /// As [`Client::send`], for a request that adds something although its method says that it could be done twice.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn send_once(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Error> {
        self.write(method, path, body, false)
    }

    fn write(&self, method: Method, path: &str, body: Option<&Value>, may_be_repeated: bool) -> Result<Value, Error> {
        let writes = self.writes.get();
        self.writes.set(writes + 1);
        if let Some(out) = &self.dry_run {
            let request = json!({ "method": method.as_str(), "path": path, "body": body });
            let line = self.scrub(&request.to_string());
            writeln!(out.borrow_mut(), "{line}").map_err(Error::Output)?;
            return Ok(Value::Null);
        }
        if writes >= WRITES_WITHOUT_PAUSE {
            self.clock.sleep(PAUSE);
        }
        let answer = self.ask(method, path, body, may_be_repeated)?;
        if answer.body.is_empty() { Ok(Value::Null) } else { read(method, path, &answer.body) }
    }

    /// Waits before everything is looked at anew.
    ///
    /// # Errors
    /// There is no time left.
    pub fn wait_after(&self, error: Error) -> Result<(), Error> {
        self.spend(Duration::from_secs(2)).map_err(|_| error)
    }

    fn ask(&self, method: Method, path: &str, body: Option<&Value>, may_be_repeated: bool) -> Result<Answer, Error> {
        if self.settings.token.as_ref().is_some_and(|token| !token.is_sendable()) {
            return Err(Error::BadToken);
        }
        let mut faults = 0;
        let mut limits = 0;
        loop {
            let at = || path.to_owned();
            let (wait, error) = match self.once(method, path, body) {
                Ok(answer) if answer.is_success() => return Ok(answer),
                Ok(answer) => {
                    let (status, reason) = (answer.status, self.reason(&answer));
                    if let Some(wait) = answer.rate_limit(self.clock.now(), limits) {
                        limits += 1;
                        (wait, None)
                    } else if answer.is_fault() && !may_be_repeated {
                        return Err(Error::Doubtful { method, path: at(), reason: format!("{status}: {reason}") });
                    } else if faults > 0 && method == Method::Delete && status == 404 {
                        // The try before did it, and its answer was lost.
                        return Ok(Answer { status: 204, ..Answer::default() });
                    } else {
                        let wait = answer.retry_after.unwrap_or(Duration::from_secs(2 << faults));
                        let error = Error::Refused { method, path: at(), status, message: reason };
                        if !answer.is_fault() || faults == TRIES_AFTER_FAULTS {
                            return Err(error);
                        }
                        faults += 1;
                        (wait, Some(error))
                    }
                }
                Err(Fault { reason, sent }) => {
                    if sent && !may_be_repeated {
                        return Err(Error::Doubtful { method, path: at(), reason });
                    }
                    let wait = Duration::from_secs(2 << faults);
                    let error = Error::Unreachable { method, path: at(), reason };
                    if faults == TRIES_AFTER_FAULTS {
                        return Err(error);
                    }
                    faults += 1;
                    (wait, Some(error))
                }
            };
            // Without time to try again, the fault is what there is to tell.
            if let Err(left) = self.spend(wait) {
                return Err(error.unwrap_or_else(|| Error::TooLong { method, path: at(), wait, left }));
            }
        }
    }

    /// Waits, when that is within the bound; else says what is left of it.
    fn spend(&self, wait: Duration) -> Result<(), Duration> {
        let left = self.settings.max_wait.saturating_sub(self.waited.get());
        if wait > left {
            return Err(left);
        }
        self.waited.set(self.waited.get() + wait);
        if wait >= Duration::from_secs(10) {
            (self.notes)(&format!("waiting {} s, as the platform asks for", wait.as_secs()));
        }
        self.clock.sleep(wait);
        Ok(())
    }

    fn once(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, Fault> {
        let url = format!("{}{path}", self.settings.base_url);
        let mut request = Request::builder().method(method.as_str()).uri(&url);
        for (name, value) in self.settings.headers {
            request = request.header(*name, *value);
        }
        if let Some(Token(token)) = &self.settings.token {
            request = match self.settings.auth {
                Auth::Bearer => request.header("authorization", format!("Bearer {token}")),
                Auth::PrivateToken => request.header("private-token", token),
            };
        }
        let unsent = |error: &dyn fmt::Display| Fault { reason: self.scrub(&error.to_string()), sent: false };
        let response = match body {
            Some(body) => {
                let request = request.header("content-type", "application/json").body(body.to_string());
                self.agent.run(request.map_err(|error| unsent(&error))?)
            }
            None => self.agent.run(request.body(()).map_err(|error| unsent(&error))?),
        };
        let response = response.map_err(|error| Fault {
            // Before there is a connection, nothing can have been carried out.
            sent: !is_before_sending(&error),
            reason: self.scrub(&error.to_string()),
        })?;
        Answer::of(response).map_err(|error| Fault { reason: self.scrub(&error.to_string()), sent: true })
    }

    fn reason(&self, answer: &Answer) -> String {
        self.scrub(&answer.reason())
    }

    /// The text without the token, whoever put it there.
    fn scrub(&self, text: &str) -> String {
        self.settings.token.as_ref().map_or_else(|| text.to_owned(), |token| token.scrub(text))
    }
}

fn read<T: DeserializeOwned>(method: Method, path: &str, body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| Error::Unreadable {
        method,
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

fn is_before_sending(error: &ureq::Error) -> bool {
    use ureq::{Error, Timeout};
    match error {
        Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        Error::Timeout(at) => matches!(at, Timeout::Resolve | Timeout::Connect),
        Error::HostNotFound | Error::ConnectionFailed | Error::BadUri(_) => true,
        Error::ConnectProxyFailed(_) | Error::InvalidProxyUrl | Error::Tls(_) | Error::Rustls(_) => true,
        _ => false,
    }
}

/// There was no answer.
struct Fault {
    reason: String,
    /// The request may have been received.
    sent: bool,
}

#[derive(Default)]
struct Answer {
    status: u16,
    body: Vec<u8>,
    retry_after: Option<Duration>,
    /// Seconds since 1970, when nothing is left of the limit.
    limited_until: Option<u64>,
    /// The query of the next page.
    next_query: Option<String>,
}

impl Answer {
    fn of(response: Response<Body>) -> Result<Self, ureq::Error> {
        let (head, mut body) = response.into_parts();
        let header = |name: &str| head.headers.get(name).and_then(|it| it.to_str().ok());
        // GitHub's names, and GitLab's.
        let number = |names: [&str; 2]| names.into_iter().find_map(|name| header(name)?.trim().parse::<u64>().ok());
        let remaining = number(["x-ratelimit-remaining", "ratelimit-remaining"]);
        let reset = number(["x-ratelimit-reset", "ratelimit-reset"]);
        Ok(Self {
            status: head.status.as_u16(),
            retry_after: number(["retry-after", "x-retry-after"]).map(Duration::from_secs),
            limited_until: reset.filter(|_| remaining == Some(0)),
            next_query: header("link").and_then(next_query),
            body: body.with_config().limit(MAX_ANSWER_BYTES).read_to_vec()?,
        })
    }

    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Something is broken on the way, and may be mended in a moment.
    fn is_fault(&self) -> bool {
        matches!(self.status, 500 | 502 | 503 | 504)
    }

    /// How long to wait, when the request was refused for being one too many.
    fn rate_limit(&self, now: u64, times: u32) -> Option<Duration> {
        if !matches!(self.status, 403 | 422 | 429) {
            return None;
        }
        if self.status == 422 {
            return self.is_secondary_limit().then(|| UNSAID_WAIT * 2_u32.saturating_pow(times));
        }
        let until = self.limited_until.map(|until| Duration::from_secs(until.saturating_sub(now) + 1));
        let unsaid =
            || (self.status == 429 || self.is_secondary_limit()).then(|| UNSAID_WAIT * 2_u32.saturating_pow(times));
        self.retry_after.or(until).or_else(unsaid)
    }

    /// GitHub has several words for it.
    fn is_secondary_limit(&self) -> bool {
        let text = self.reason().to_lowercase();
        ["secondary rate limit", "abuse detection", "submitted too quickly"].into_iter().any(|it| text.contains(it))
    }

    /// What the platform said, on one line.
    fn reason(&self) -> String {
        let text = match serde_json::from_slice(&self.body) {
            Ok(value) => reasons(&value),
            Err(_) => String::from_utf8_lossy(&self.body).chars().take(200).collect(),
        };
        crate::report::escape::one_line(if text.trim().is_empty() { "no reason is given" } else { &text }).into_owned()
    }
}

/// `message` and `errors` of GitHub, `message` or `error` of GitLab, each of which can be a text, a list or an object.
fn reasons(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(reasons).filter(|it| !it.is_empty()).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let named = ["message", "error", "errors"].into_iter().filter_map(|name| fields.get(name)).map(reasons);
            let named: Vec<String> = named.filter(|it| !it.is_empty()).collect();
            if named.is_empty() { value.to_string() } else { named.join(": ") }
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The query of `rel="next"` in a `Link` header.
fn next_query(link: &str) -> Option<String> {
    let next = link.split(',').find(|it| it.split(';').skip(1).any(|it| it.trim() == "rel=\"next\""))?;
    let url = next.split(';').next()?.trim().strip_prefix('<')?.strip_suffix('>')?;
    let (_, query) = url.split_once('?')?;
    Some(query.to_owned())
}

#[cfg(test)]
mod tests;
