//! What in a configuration is for nobody's eyes, when all of it is shown.

use super::{Entry, Form, Kind, ServerConfig};
use crate::source::Span;

/// What keys have in them whose values are secrets.
const WORDS: [&str; 8] =
    ["password", "passphrase", "secret", "token", "api_key", "access_key", "private_key", "credential"];

impl ServerConfig {
    /// The values of passwords, tokens and the like, in order, none within another; and what is behind the `=` in comments that
    /// name one, and in that part of a template which is not read as TOML. What a key's name does not tell is not known.
    #[must_use]
    pub fn secrets(&self) -> Vec<Span> {
        let text = self.source.text();
        let mut all: Vec<Span> = self.entries.iter().filter_map(|entry| value(entry, text)).collect();
        all.extend(unread(text, self.first_tag.is_some()));
        all.sort_unstable_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        let mut end = 0;
        all.retain(|span| {
            let is_first = span.start >= end;
            end = end.max(span.end);
            is_first
        });
        all
    }
}

/// The value of an entry, when that is a secret.
fn value(entry: &Entry, text: &str) -> Option<Span> {
    let is_text = match entry.form {
        Form::Option(Kind::Table) | Form::Inline(Kind::Table) | Form::Section | Form::Implied => false,
        Form::Option(_) | Form::Inline(_) => !entry.strings.is_empty(),
    };
    // Where secrets are dealt with is no secret: neither `[modules.mod_auth_token]` nor `auth.password.format`.
    let key = entry.path.strip_suffix(".value").filter(|key| key.ends_with("secret")).unwrap_or(&entry.path);
    if !is_text || !tells(key.rsplit('.').next().unwrap_or(key)) {
        return None;
    }
    let behind = text.get(entry.name.end as usize..entry.extent.end as usize)?;
    let value = &behind[behind.find('=')? + 1..];
    let start = entry.extent.end as usize - value.trim_start().len();
    Some(Span::new(start, entry.extent.end as usize))
}

fn tells(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

/// Options that are commented out, and those of a template, each in a line: of two parts that exclude each other one is not read.
fn unread(text: &str, is_template: bool) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let shown = line.trim_end();
        let is_comment = line.trim_start().starts_with('#');
        if let Some((key, value)) = shown.split_once('=')
            && (is_comment && tells(key) || is_template && key.rsplit('.').next().is_some_and(tells))
        {
            let value = value.trim_start();
            found.push(Span::new(at + shown.len() - value.len(), at + shown.len()));
        }
        at += line.len();
    }
    found.retain(|span| !span.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::source::Source;

    /// What is taken for a secret.
    fn secrets(text: &str) -> Vec<String> {
        let source = Source::from_text(PathBuf::from("mongooseim.toml"), text.to_owned()).unwrap();
        let config = ServerConfig::of(&Arc::new(source)).unwrap();
        config.secrets().into_iter().map(|span| config.source.slice(span).to_owned()).collect()
    }

    #[test]
    fn keys_tell_what_is_secret() {
        let text = r#"
            [outgoing_pools.rdbms.default.connection]
              username = "acme"
              password = "p=1"
              tls = { cacertfile = "ca.pem", password="tls" }
            [auth.jwt]
              secret.value = 'jwt'
              algorithm = "HS512"
            [modules.mod_event_pusher.sns]
              access_key_id = "AKIA"
              secret_access_key = """
            two
            lines"""
              # password = "old"
        "#;
        assert_eq!(
            secrets(text),
            ["\"p=1\"", "\"tls\"", "'jwt'", "\"AKIA\"", "\"\"\"\n            two\n            lines\"\"\"", "\"old\""]
        );
    }

    #[test]
    fn tags_of_templates_are_values() {
        assert_eq!(
            secrets("[outgoing_pools.rdbms.default.connection]\npassword = \"{{db_password}}\"\n"),
            ["\"{{db_password}}\""]
        );
    }

    #[test]
    fn no_side_of_a_condition_is_forgotten() {
        let text = "[a]\n{{#tls}}\npassword = \"one\"\n{{/tls}}\n{{^tls}}\nb.password = \"two\"\n\
                    password.format = \"scram\"\n{{/tls}}\n";
        assert_eq!(secrets(text), ["\"one\"", "\"two\""]);
    }

    #[test]
    fn what_is_no_secret_is_none() {
        let text = r#"
            # A password is asked for by each of these.
            [general]
              hosts = ["localhost"]
            [auth]
              methods = ["rdbms"]
              password.format = "scram"
              password.hash = ["sha256"]
            [modules.mod_auth_token]
              backend = "rdbms"
              validity_period.access.unit = "days"
        "#;
        assert_eq!(secrets(text), Vec::<String>::new());
    }
}
