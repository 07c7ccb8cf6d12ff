//! GitHub's published description of its interface, and what does not fit it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

pub struct Api {
    document: Value,
}

/// An operation that a request is.
pub struct Operation<'a> {
    api: &'a Api,
    /// As in `/repos/{owner}/{repo}/pulls/{pull_number}`.
    pub template: String,
    operation: &'a Value,
}

impl Api {
    /// Reads the description of one of GitHub's products, as `api.github.com` or `ghes-3.19`.
    pub fn of(product: &str) -> Self {
        let file = tools().join(format!("node_modules/@octokit/openapi/generated/{product}.json"));
        let text = fs::read(&file).unwrap_or_else(|error| {
            panic!(
                "{}: {error}: GitHub's description of its interface is needed; run tests/tools/install target/tools",
                file.display()
            )
        });
        Self { document: serde_json::from_slice(&text).unwrap() }
    }

    /// The operation of a request.
    pub fn operation(&self, method: &str, path: &str) -> Result<Operation<'_>, String> {
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let names: Vec<&str> = template.split('/').collect();
            let fits = |(name, part): (&&str, &&str)| name == part || (name.starts_with('{') && !part.is_empty());
            names.len() == parts.len() && names.iter().zip(&parts).all(fits)
        };
        let paths = self.document["paths"].as_object().unwrap();
        let fitting = paths.iter().filter(|(template, _)| fits(template));
        // What is spelled out wins over what can be anything.
        let found = fitting.min_by_key(|(template, _)| template.matches('{').count());
        let (template, item) = found.ok_or_else(|| format!("GitHub has no {path}"))?;
        let operation = item.get(method.to_lowercase()).ok_or_else(|| format!("GitHub has no {method} {template}"))?;
        Ok(Operation { api: self, template: template.clone(), operation })
    }

    /// What GitHub itself gives as an example of something.
    pub fn example(&self, name: &str) -> Value {
        self.document["components"]["examples"][name]["value"].clone()
    }

    fn resolve<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.document.pointer(&reference[1..]).unwrap(),
            None => value,
        }
    }

    /// A schema of OpenAPI as one that validators know, with all that it refers to.
    fn schema(&self, schema: &Value, is_closed: bool) -> Value {
        let mut known = BTreeMap::new();
        let mut wanted = vec![];
        let mut root = self.converted(schema, is_closed, &mut wanted);
        while let Some(name) = wanted.pop() {
            if let Entry::Vacant(place) = known.entry(name) {
                let schema = &self.document["components"]["schemas"][place.key()];
                place.insert(self.converted(schema, is_closed, &mut wanted));
            }
        }
        root = json!({ "allOf": [root] });
        root["components"] = json!({ "schemas": known });
        root
    }

    /// `nullable` is OpenAPI's own. In what is closed, no property can have a name that is not in the description.
    fn converted(&self, schema: &Value, is_closed: bool, wanted: &mut Vec<String>) -> Value {
        let Value::Object(fields) = schema else {
            return match schema {
                Value::Array(items) => items.iter().map(|it| self.converted(it, is_closed, wanted)).collect(),
                other => other.clone(),
            };
        };
        let mut converted = Map::new();
        for (key, value) in fields {
            match (key.as_str(), value) {
                ("$ref", Value::String(reference)) => {
                    wanted.push(reference.rsplit('/').next().unwrap().to_owned());
                    converted.insert(key.clone(), value.clone());
                }
                ("example" | "examples" | "description" | "nullable" | "default", _) => {}
                ("properties", Value::Object(properties)) => {
                    let properties =
                        properties.iter().map(|(name, it)| (name.clone(), self.converted(it, is_closed, wanted)));
                    converted.insert(key.clone(), Value::Object(properties.collect()));
                }
                ("enum", value) => drop(converted.insert(key.clone(), value.clone())),
                (_, value) => drop(converted.insert(key.clone(), self.converted(value, is_closed, wanted))),
            }
        }
        if is_closed && converted.contains_key("properties") {
            converted.entry("additionalProperties").or_insert(json!(false));
        }
        if fields.get("nullable") == Some(&json!(true)) {
            return json!({ "anyOf": [converted, { "type": "null" }] });
        }
        Value::Object(converted)
    }

    fn check(&self, schema: &Value, is_closed: bool, value: &Value) -> Result<(), String> {
        let schema = self.schema(schema, is_closed);
        let validator =
            jsonschema::options().with_draft(jsonschema::Draft::Draft4).build(&schema).map_err(|it| it.to_string())?;
        let errors: Vec<String> =
            validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
    }
}

impl Operation<'_> {
    /// Whether a request is as it has to be.
    pub fn check_request(&self, query: &[(String, String)], body: Option<&Value>) -> Result<(), String> {
        let parameters = self.operation.get("parameters").and_then(Value::as_array);
        let parameters: Vec<&Value> = parameters.into_iter().flatten().map(|it| self.api.resolve(it)).collect();
        let mut seen = BTreeSet::new();
        for (name, value) in query {
            let is_it = |it: &&&Value| it["in"] == "query" && it["name"] == **name;
            let parameter =
                parameters.iter().find(is_it).ok_or_else(|| format!("{} takes no {name}", self.template))?;
            let value = match parameter["schema"]["type"].as_str() {
                Some("integer") => json!(value.parse::<i64>().map_err(|it| format!("{name}: {it}"))?),
                _ => json!(value),
            };
            self.api.check(&parameter["schema"], true, &value)?;
            if !seen.insert(name) {
                return Err(format!("{name} is given twice"));
            }
        }
        let schema = self.operation.pointer("/requestBody/content/application~1json/schema");
        match (schema, body) {
            (Some(schema), Some(body)) => {
                self.api.check(schema, true, body)?;
                // Restrictions that the description has in words only.
                let is_long = |text: &Value| text.as_str().is_some_and(|it| it.chars().count() > 65_536);
                if is_long(&body["body"])
                    || body["comments"].as_array().into_iter().flatten().any(|it| is_long(&it["body"]))
                {
                    return Err("a comment has more than 65536 characters".to_owned());
                }
                Ok(())
            }
            (None, None) => Ok(()),
            (Some(_), None) => Err("there is no body".to_owned()),
            (None, Some(_)) => Err(format!("{} takes no body", self.template)),
        }
    }

    /// Whether an answer is as GitHub gives it.
    pub fn check_answer(&self, status: u16, body: Option<&Value>) -> Result<(), String> {
        let responses = &self.operation["responses"];
        let response = responses.get(status.to_string());
        let response = response.ok_or_else(|| format!("{} never answers {status}", self.template))?;
        let schema = self.api.resolve(response).pointer("/content/application~1json/schema");
        match (schema, body) {
            (Some(schema), Some(body)) => self.api.check(schema, false, body),
            (None, None) => Ok(()),
            _ => Err(format!("{} answers {status} with another body", self.template)),
        }
    }
}

/// Where `./test` installs what tests need.
fn tools() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // <target>/debug/deps/<test>
    test.ancestors().nth(3).unwrap().join("tools")
}

#[test]
fn what_does_not_fit_the_description_is_noticed() {
    let api = Api::of("api.github.com");
    assert!(api.operation("GET", "/repos/acme/shop/pulls/5/coments").is_err());
    assert!(api.operation("PUT", "/repos/acme/shop/pulls/5/reviews").is_err());
    let review = api.operation("POST", "/repos/acme/shop/pulls/5/reviews").unwrap();
    assert_eq!(review.template, "/repos/{owner}/{repo}/pulls/{pull_number}/reviews");
    let right = json!({ "event": "COMMENT", "body": "x", "comments": [{ "path": "a", "body": "b", "line": 3 }] });
    assert_eq!(review.check_request(&[], Some(&right)), Ok(()));
    for wrong in [
        json!({ "event": "COMMENTS" }),
        json!({ "events": "COMMENT" }),
        json!({ "comments": [{ "path": "a" }] }),
        json!({ "comments": [{ "path": "a", "body": "b", "lines": 3 }] }),
        json!({ "comments": [{ "path": "a", "body": "b", "line": "3" }] }),
        json!({ "body": "x".repeat(65_537) }),
    ] {
        assert!(review.check_request(&[], Some(&wrong)).is_err(), "{wrong}");
    }
    assert!(review.check_request(&[("per_page".into(), "100".into())], Some(&right)).is_err());
    let list = api.operation("GET", "/repos/acme/shop/pulls/5/comments").unwrap();
    let query = |name: &str, value: &str| [(name.to_owned(), value.to_owned())];
    assert_eq!(list.check_request(&query("per_page", "100"), None), Ok(()));
    assert!(list.check_request(&query("per_page", "many"), None).is_err());
    assert!(list.check_request(&query("perpage", "100"), None).is_err());
    let comments = api.example("pull-request-review-comment-items");
    assert_eq!(list.check_answer(200, Some(&comments)), Ok(()));
    let mut wrong = comments.clone();
    wrong[0].as_object_mut().unwrap().remove("path");
    assert!(list.check_answer(200, Some(&wrong)).is_err());
    assert!(list.check_answer(418, None).is_err());
    let runs = api.operation("POST", "/repos/acme/shop/check-runs").unwrap();
    let annotation =
        json!({ "path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m" });
    let run = |number| {
        let output = json!({ "title": "t", "summary": "s", "annotations": vec![annotation.clone(); number] });
        json!({ "name": "n", "head_sha": "abc", "status": "in_progress", "output": output })
    };
    assert_eq!(runs.check_request(&[], Some(&run(50))), Ok(()));
    assert!(runs.check_request(&[], Some(&run(51))).is_err());
}
