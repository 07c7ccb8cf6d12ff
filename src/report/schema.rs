//! The JSON Schemas of what the commands print with `--format json`.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::hooks::HookEntry;
use super::json::{Document, HandlerOut};

/// The schema of the output of `check`.
#[must_use]
pub fn check() -> Value {
    schema::<Document<'static>>()
}

/// The schema of the output of `fix`.
#[must_use]
pub fn fix() -> Value {
    schema::<super::fixes::Document<'static>>()
}

/// The schema of the output of `merge`.
#[must_use]
pub fn merge() -> Value {
    schema::<super::merge::Merged>()
}

/// The schema of the output of `handlers`.
#[must_use]
pub fn handlers() -> Value {
    schema::<Vec<HandlerOut<'static>>>()
}

/// The schema of the output of `hooks`.
#[must_use]
pub fn hooks() -> Value {
    schema::<Vec<HookEntry>>()
}

/// The schema of the output of `plan`.
#[must_use]
pub fn plan() -> Value {
    schema::<crate::plan::Plan>()
}

/// The schema of the output of `live`.
#[must_use]
pub fn live() -> Value {
    schema::<crate::live::Witness>()
}

/// The schema of the output of `catalog test`.
#[must_use]
pub fn catalog_test() -> Value {
    schema::<crate::examples::Report>()
}

fn schema<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>().to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::analysis::{Analysis, Skipped};
    use crate::finding::Severity;
    use crate::report::json::Json;
    use crate::report::paths::Shown;
    use crate::report::{Report, Run, inventory, samples};

    fn assert_valid(schema: &Value, instance: &Value) {
        let validator = jsonschema::validator_for(schema).unwrap();
        let errors: Vec<_> =
            validator.iter_errors(instance).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{instance:#}");
    }

    fn document(analysis: &mut Analysis, statistics: bool) -> Value {
        analysis.settle(|_, own| Some(own), Severity::Info);
        let mut out = Vec::new();
        let run = Run { statistics, ..samples::run(analysis) };
        Json.write(&run, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn what_check_prints_fits_its_schema() {
        let mut analysis = samples::analysis();
        analysis.skipped.push(Skipped::unreadable("x.erl".into(), "gone".to_owned()));
        assert_valid(&check(), &document(&mut analysis, true));
        assert_valid(&check(), &document(&mut Analysis::default(), false));
    }

    #[test]
    fn the_schema_refuses_something_else() {
        let validator = jsonschema::validator_for(&check()).unwrap();
        let mut instance = document(&mut samples::analysis(), false);
        instance["findings"][0]["severity"] = "fatal".into();
        assert!(!validator.is_valid(&instance));
        let mut instance = document(&mut samples::analysis(), false);
        instance["findings"][0]["range"]["start"]["line"] = 0.into();
        assert!(!validator.is_valid(&instance));
    }

    #[test]
    fn a_finding_has_all_that_the_contract_promises() {
        let document = document(&mut samples::analysis(), false);
        let finding = &document["findings"][0];
        assert_eq!(finding["rule"], "removed-hook");
        assert_eq!(finding["path"], "src/acme_filter.erl");
        assert_eq!(finding["module"], "acme_filter");
        assert_eq!(finding["handler"], "acme_words:check/3");
        assert_eq!(finding["range"]["start"]["line"], 3);
        assert_eq!(finding["range"]["start"]["column"], 4);
        assert_eq!(finding["range"]["end"]["column"], 13);
        assert_eq!(finding["related"][0]["path"], "src/acme_words.erl");
        assert_eq!(finding["rewrite"], "mechanical");
        assert_eq!(finding["evidence"][0]["at"], "src/gone.erl:12");
        assert!(finding["fix"].is_null());
        assert_eq!(document["version"], 1);
        assert_eq!(document["summary"]["errors"], 1);
        assert_eq!(document["summary"]["rewrites"]["mechanical"], 1);
        assert_eq!(document["skipped"][0]["kind"], "not-analysed");
    }

    #[test]
    fn what_handlers_prints_fits_its_schema() {
        let mut out = Vec::new();
        let inventory = samples::analysis().inventory;
        inventory::json(&inventory, &Shown::relative_to("/"), &mut out).unwrap();
        let rows: Value = serde_json::from_slice(&out).unwrap();
        assert_valid(&handlers(), &rows);
        assert_eq!(rows[0]["status"], "removed");
        assert_eq!(rows[0]["handler_line"], 3);
        assert_eq!(rows[1]["priority_source"], "?PRIO");
        assert!(rows[1]["handler"].is_null());
    }
}
