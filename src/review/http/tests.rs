//! Each test plays a server that gives the same answers to everybody, in their order.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use super::*;

const NOW: u64 = 1_700_000_000;

/// Time passes only when somebody sleeps.
#[derive(Default)]
struct TestClock(RefCell<Vec<u64>>);

impl Clock for TestClock {
    fn now(&self) -> u64 {
        NOW + self.0.borrow().iter().sum::<u64>()
    }

    fn sleep(&self, time: Duration) {
        self.0.borrow_mut().push(time.as_secs());
    }
}

/// Gives the answers, one for each request, and hands on the first lines of the requests. An empty answer is none.
fn server(answers: Vec<String>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (told, asked) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let at = head.len();
                reader.read_line(&mut head).unwrap();
                if let Some(it) = head[at..].to_lowercase().strip_prefix("content-length: ") {
                    length = it.trim().parse().unwrap();
                }
            }
            reader.read_exact(&mut vec![0; length]).unwrap();
            told.send(head).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (address, asked)
}

fn answer(status: u16, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

struct Outcome {
    result: Result<Value, Error>,
    slept: Vec<u64>,
    asked: Vec<String>,
}

/// Does something with a client, given what the server answers.
fn with(answers: Vec<String>, max_wait: u64, act: impl FnOnce(&Client<'_>) -> Result<Value, Error>) -> Outcome {
    let (base_url, asked) = server(answers);
    let clock = TestClock::default();
    let settings = Settings {
        base_url,
        token: Token::new(" geheim\n"),
        auth: Auth::Bearer,
        headers: &[("accept", "application/json")],
        max_wait: Duration::from_secs(max_wait),
    };
    let result = act(&Client::new(settings, &clock, None, &|_| {}));
    Outcome { result, slept: clock.0.take(), asked: asked.try_iter().collect() }
}

fn get(client: &Client<'_>) -> Result<Value, Error> {
    client.get("/x")
}

fn post(client: &Client<'_>) -> Result<Value, Error> {
    client.send(Method::Post, "/x", Some(&json!({ "a": 1 })))
}

#[test]
fn a_request_carries_the_token_and_says_who_asks() {
    let outcome = with(vec![answer(200, "", "{\"a\": 1}")], 0, post);
    assert_eq!(outcome.result.unwrap(), json!({ "a": 1 }));
    let head = outcome.asked[0].to_lowercase();
    assert!(head.starts_with("post /x http/1.1\r\n"), "{head}");
    for header in [
        "authorization: bearer geheim",
        "accept: application/json",
        "content-type: application/json",
        "user-agent: hookshift/",
    ] {
        assert!(head.contains(header), "{head}");
    }
}

#[test]
fn limits_are_waited_out_as_they_ask() {
    let reset = format!("x-ratelimit-remaining: 0\r\nx-ratelimit-reset: {}\r\n", NOW + 100);
    let secondary = "{\"message\": \"You have exceeded a secondary rate limit.\"}";
    for (status, headers, body, slept) in [
        (403, "retry-after: 30\r\n", "{}", 30),
        (429, "Retry-After: 7\r\n", "{}", 7),
        (403, reset.as_str(), "{\"message\": \"API rate limit exceeded\"}", 101),
        (429, reset.replace("x-rate", "Rate").leak() as &str, "{}", 101),
        (403, "", secondary, 60),
        (422, "", "{\"message\": \"Validation Failed\", \"errors\": [\"was submitted too quickly\"]}", 60),
        (429, "", "", 60),
    ] {
        for act in [get, post] {
            let outcome = with(vec![answer(status, headers, body), answer(200, "", "1")], 300, act);
            assert_eq!(outcome.result.unwrap(), json!(1), "{status} {headers}");
            assert_eq!(outcome.slept, [slept], "{status} {headers}");
        }
    }
}

#[test]
fn waiting_has_a_bound() {
    let limit = || answer(403, "retry-after: 40\r\n", "{}");
    let outcome = with(vec![limit(), limit(), limit()], 100, get);
    assert_eq!(outcome.slept, [40, 40]);
    let error = outcome.result.unwrap_err().to_string();
    assert_eq!(error, "GET /x: the rate limit asks to wait 40 s, and of --max-wait there are 20 s left");
    let secondary = || answer(403, "", "{\"message\": \"secondary rate limit\"}");
    let outcome = with(vec![secondary(), secondary(), secondary()], 300, get);
    assert_eq!(outcome.slept, [60, 120]);
    assert!(matches!(outcome.result, Err(Error::TooLong { .. })));
}

#[test]
fn a_refusal_is_told_in_the_platforms_words() {
    for (body, message) in [
        (
            "{\"message\": \"Validation Failed\", \"errors\": [{\"message\": \"no line\"}, \"x\"]}",
            "Validation Failed: no line, x",
        ),
        ("{\"message\": {\"base\": [\"is bad\"]}}", "{\"base\":[\"is bad\"]}"),
        ("{\"error\": \"invalid_token\"}", "invalid_token"),
        ("<html>\u{1b}[31m</html>", "<html>␛[31m</html>"),
        ("{\"message\": \"you sent geheim\"}", "you sent ***"),
        ("", "no reason is given"),
    ] {
        let outcome = with(vec![answer(403, "", body)], 300, get);
        let error = outcome.result.unwrap_err();
        assert_eq!(error.to_string(), format!("GET /x: 403: {message}"));
        assert!(error.is_forbidden() && outcome.slept.is_empty());
    }
}

#[test]
fn what_can_be_done_twice_is_tried_again() {
    let outcome = with(vec![answer(502, "", ""), String::new(), answer(200, "", "3")], 300, get);
    assert_eq!((outcome.result.unwrap(), outcome.slept), (json!(3), vec![2, 4]));
    let outcome = with(vec![answer(500, "", "{\"message\": \"x\"}"); 4], 300, get);
    assert_eq!(outcome.result.unwrap_err().to_string(), "GET /x: 500: x");
    assert_eq!(outcome.slept, [2, 4, 8]);
    let put = |client: &Client<'_>| client.send(Method::Put, "/x", Some(&json!({})));
    let outcome = with(vec![answer(503, "retry-after: 5\r\n", ""), answer(200, "", "3")], 300, put);
    assert_eq!((outcome.result.unwrap(), outcome.slept), (json!(3), vec![5]));
}

#[test]
fn what_may_have_been_done_is_not_done_twice() {
    for lost in [answer(502, "", "{\"message\": \"bad gateway\"}"), String::new()] {
        let outcome = with(vec![lost], 300, post);
        assert!(matches!(outcome.result, Err(Error::Doubtful { .. })), "{:?}", outcome.result);
        assert!(outcome.slept.is_empty());
    }
    let append = |client: &Client<'_>| client.send_once(Method::Patch, "/x", Some(&json!({})));
    assert!(matches!(with(vec![String::new()], 300, append).result, Err(Error::Doubtful { .. })));
    // A comment whose deletion was not confirmed, and that is gone then, was deleted.
    let delete = |client: &Client<'_>| client.send(Method::Delete, "/x", None);
    let outcome = with(vec![String::new(), answer(404, "", "")], 300, delete);
    assert_eq!(outcome.result.unwrap(), Value::Null);
    let outcome = with(vec![answer(404, "", "")], 300, delete);
    assert!(outcome.result.is_err());
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let clock = TestClock::default();
    let base_url = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let settings =
        Settings { base_url, token: None, auth: Auth::Bearer, headers: &[], max_wait: Duration::from_secs(300) };
    let client = Client::new(settings, &clock, None, &|_| {});
    // Nothing can have been done, so trying again is right.
    assert!(matches!(post(&client), Err(Error::Unreachable { .. })));
    assert_eq!(clock.0.take(), [2, 4, 8]);
}

#[test]
fn all_pages_are_read_from_where_the_first_one_is() {
    let pages = |client: &Client<'_>| {
        let all = client.get_all("/x?per_page=2", |page: Vec<u32>| page)?;
        Ok(json!(all))
    };
    let next =
        "link: <https://elsewhere.example/y?per_page=2&after=ab>; rel=\"next\", <https://a/?page=9>; rel=\"last\"\r\n";
    let last = "link: <https://elsewhere.example/y?per_page=2&page=1>; rel=\"prev\"\r\n";
    let outcome = with(vec![answer(200, next, "[1, 2]"), answer(200, last, "[3]")], 0, pages);
    assert_eq!(outcome.result.unwrap(), json!([1, 2, 3]));
    assert!(outcome.asked[1].starts_with("GET /x?per_page=2&after=ab "), "{}", outcome.asked[1]);
}

#[test]
fn an_answer_that_is_no_json_is_told() {
    let outcome = with(vec![answer(200, "", "<html>")], 0, get);
    let error = outcome.result.unwrap_err().to_string();
    assert!(error.starts_with("GET /x: the answer cannot be read: "), "{error}");
}

#[test]
fn many_writes_are_a_second_apart() {
    let writes = |client: &Client<'_>| (0..12).try_fold(Value::Null, |_, _| post(client));
    let outcome = with(vec![answer(200, "", "1"); 12], 0, writes);
    assert_eq!(outcome.slept, [1, 1]);
}

#[test]
fn a_dry_run_prints_and_sends_nothing() {
    let (base_url, asked) = server(Vec::new());
    let clock = TestClock::default();
    let settings =
        Settings { base_url, token: Token::new("geheim"), auth: Auth::Bearer, headers: &[], max_wait: Duration::ZERO };
    let mut out = Vec::new();
    {
        let client = Client::new(settings, &clock, Some(&mut out), &|_| {});
        assert_eq!(client.send(Method::Patch, "/x", Some(&json!({ "body": "a geheim" }))).unwrap(), Value::Null);
        client.send(Method::Delete, "/y", None).unwrap();
        assert!(client.is_dry_run() && client.writes() == 2);
    }
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "{\"body\":{\"body\":\"a ***\"},\"method\":\"PATCH\",\"path\":\"/x\"}\n{\"body\":null,\"method\":\"DELETE\",\"path\":\"/y\"}\n"
    );
    assert_eq!(asked.try_iter().count(), 0);
}

#[test]
fn a_token_is_in_no_text() {
    let token = Token::new("geheim").unwrap();
    assert_eq!(format!("{token:?}"), "Token(***)");
    assert!(Token::new(" \n").is_none());
    let settings = Settings {
        base_url: "http://127.0.0.1:1".into(),
        token: Some(Token("ge\nheim".into())),
        auth: Auth::PrivateToken,
        headers: &[],
        max_wait: Duration::ZERO,
    };
    assert!(!format!("{settings:?}").contains("heim"));
    let clock = TestClock::default();
    let error = get(&Client::new(settings, &clock, None, &|_| {})).unwrap_err();
    assert!(matches!(error, Error::BadToken), "{error}");
    assert!(!error.to_string().contains("heim"));
}
