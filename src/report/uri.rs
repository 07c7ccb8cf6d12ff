//! Paths as URIs, which RFC 3986 gives few characters.

/// A shown path (see [`super::paths::Shown`]) as a reference: relative when it is, else with the scheme `file`.
#[must_use]
pub fn of_path(path: &str) -> String {
    let is_drive = path.as_bytes().get(1..3) == Some(b":/");
    match (path.starts_with('/'), is_drive) {
        (true, _) => format!("file://{}", encoded(path)),
        (_, true) => format!("file:///{}:{}", &path[..1], encoded(&path[2..])),
        _ => encoded(path),
    }
}

/// A directory as the base of relative references.
#[must_use]
pub fn of_directory(path: &str) -> String {
    let uri = of_path(path);
    if uri.ends_with('/') { uri } else { uri + "/" }
}

/// One part of a path, in which a slash is a character like any other.
#[must_use]
pub fn of_part(part: &str) -> String {
    encoded(part).replace('/', "%2F")
}

/// A colon is encoded as well: in the first part of a path it would end a scheme.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte.into()),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_no_slashes() {
        assert_eq!(of_part("acme/a b?ü"), "acme%2Fa%20b%3F%C3%BC");
    }

    #[test]
    fn whatever_means_something_in_a_uri_is_encoded() {
        for (path, uri) in [
            ("src/mod_a.erl", "src/mod_a.erl"),
            ("a b/50%#&?.erl", "a%20b/50%25%23%26%3F.erl"),
            ("ʃ/é\"'.erl", "%CA%83/%C3%A9%22%27.erl"),
            ("c:x.erl", "c%3Ax.erl"),
            ("<stdin>", "%3Cstdin%3E"),
            ("/home/me/a b.erl", "file:///home/me/a%20b.erl"),
            ("C:/me/a b.erl", "file:///C:/me/a%20b.erl"),
        ] {
            assert_eq!(of_path(path), uri);
        }
        assert_eq!((of_directory("/a"), of_directory("/")), ("file:///a/".to_owned(), "file:///".to_owned()));
    }
}
