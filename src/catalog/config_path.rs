//! Paths of options, as the catalog and a configuration spell them: keys with dots between them, `[]` behind each that has a
//! list of tables, and, in the catalog, `*` for any key.

/// What is set for one host, or one type of hosts, instead of what is set for all.
pub const OF_HOST: &str = "host_config[].";

/// A path with one more key, which is quoted when it could be taken for several.
#[must_use]
pub fn join(path: &str, key: &str) -> String {
    let key = quoted(key);
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// A key as it can be written in TOML.
#[must_use]
pub fn quoted(key: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(is_plain) {
        return key.to_owned();
    }
    let mut out = String::from("\"");
    for c in key.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out + "\""
}

/// The keys of a path, each with its `[]`; quoted ones with their quotes.
pub fn keys(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = (!path.is_empty()).then_some(path);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut is_quoted, mut is_escaped) = (false, false);
        let end = text.bytes().position(|byte| {
            let ends = byte == b'.' && !is_quoted;
            is_quoted ^= byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        });
        let end = end.unwrap_or(text.len());
        rest = text.get(end + 1..);
        Some(&text[..end])
    })
}

/// The path of the table that something is in; empty for the root.
#[must_use]
pub fn parent(path: &str) -> &str {
    let last = keys(path).last().map_or(0, str::len);
    path[..path.len() - last].trim_end_matches('.')
}

/// The last key of a path, without `[]`.
#[must_use]
pub fn last(path: &str) -> &str {
    keys(path).last().unwrap_or_default().trim_end_matches("[]")
}

/// What is left of a path below another one; empty when they are the same.
#[must_use]
pub fn below<'a>(path: &'a str, above: &str) -> Option<&'a str> {
    match path.strip_prefix(above)? {
        "" => Some(""),
        rest if above.is_empty() => Some(rest),
        rest => rest.strip_prefix('.'),
    }
}

/// What follows in a path behind another one, which names the same or something around it: a key with its dot, or the `[]` of
/// its tables.
#[must_use]
pub fn behind<'a>(path: &'a str, around: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(around).filter(|_| !around.is_empty())?;
    (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
}

/// What a path in a configuration has in the place of what a path of the catalog leaves open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound<'a> {
    /// It is set for some hosts only.
    pub of_host: bool,
    keys: Vec<&'a str>,
}

/// Holds a path of a configuration against one of the catalog. What is set for some hosts is the same as what is set for all.
#[must_use]
pub fn bind<'a>(pattern: &str, path: &'a str) -> Option<Bound<'a>> {
    let rest = path.strip_prefix(OF_HOST);
    let of_host = rest.is_some() && !pattern.starts_with(OF_HOST);
    let path = rest.filter(|_| of_host).unwrap_or(path);
    if !pattern.contains('*') {
        return (pattern == path).then(|| Bound { of_host, keys: Vec::new() });
    }
    let (mut wanted, mut given, mut bound) = (keys(pattern), keys(path), Vec::new());
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(Bound { of_host, keys: bound }),
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some("*"), Some(given)) if !given.ends_with("[]") => bound.push(given),
            _ => return None,
        }
    }
}

impl Bound<'_> {
    /// The path of a configuration that another path of the catalog stands for. `None` where it leaves more open, or is nothing
    /// that could be set for some hosts, as `like` is.
    #[must_use]
    pub fn fill(&self, pattern: &str, like: &str) -> Option<String> {
        if self.of_host && keys(pattern).next() != keys(like).next() {
            return None;
        }
        let mut bound = self.keys.iter();
        let mut path = String::new();
        for key in keys(pattern) {
            let key = if key == "*" { bound.next()? } else { key };
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(key);
        }
        Some(if self.of_host { format!("{OF_HOST}{path}") } else { path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart() {
        assert_eq!(join(&join("a", "b.c"), "d"), "a.\"b.c\".d");
        assert_eq!(keys("a.\"b.c\".d[]").collect::<Vec<_>>(), ["a", "\"b.c\"", "d[]"]);
        assert_eq!(join("", "x\"\\.y"), r#""x\"\\.y""#);
        assert_eq!(keys(r#""x\"\\.y".z"#).count(), 2);
        assert_eq!((parent("a.\"b.c\""), last("a.\"b.c\"")), ("a", "\"b.c\""));
        assert_eq!((parent("a"), last("a[]")), ("", "a"));
        assert_eq!(keys("").count(), 0);
        assert_eq!(below("a.b", "a"), Some("b"));
        assert_eq!((below("ab", "a"), below("a", "a"), below("a[].b", "a")), (None, Some(""), None));
    }

    #[test]
    fn any_key_is_bound() {
        let bound = bind("pools.*.*.host", "pools.rdbms.main.host").unwrap();
        assert_eq!(bound.fill("pools.*.at.*", "pools"), Some("pools.rdbms.at.main".to_owned()));
        assert_eq!(bind("pools.*.*.host", "pools.rdbms.host"), None);
        assert_eq!(bind("pools.*", "pools.x[]"), None);
        let of_host = bind("modules.mod_a", "host_config[].modules.mod_a").unwrap();
        assert_eq!(of_host.fill("modules.mod_b", "modules.mod_a").unwrap(), "host_config[].modules.mod_b");
        assert_eq!(of_host.fill("services.mod_b", "modules.mod_a"), None);
    }
}
