//! The JSON Schema of each document that commands write.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::bench::{BENCH_FORMAT, BenchRecord};
use super::diff::{DIFF_FORMAT, Diff};
use super::lint::{LINT_FORMAT, LintRecord};
use super::record::{
    EXPLAIN_FORMAT, ExplainRecord, PROBLEM_FORMAT, ProblemRecord, ROUTES_FORMAT, Routes, VERIFY_FORMAT, VerifyRecord,
};
use super::simulate::{SIMULATE_FORMAT, SimulateDocument};
use super::sweep::{LineRecord, SWEEP_FORMAT, SWEEP_LINE_FORMAT, SweepRecord};
use super::verify::{CHECK_FORMAT, CheckRecord};
use crate::verify::{CERTIFICATE_FORMAT, Certificate};

/// Makes a schema.
pub type MakeSchema = fn() -> Value;

/// Every schema by the name that `schema NAME` takes, in the order in which they are listed.
pub const SCHEMAS: &[(&str, MakeSchema)] = &[
    ("routes", || document::<Routes<'_>>("routes", ROUTES_FORMAT)),
    ("explain", || document::<ExplainRecord<'_>>("explain", EXPLAIN_FORMAT)),
    ("diff", || document::<Diff<'_>>("diff", DIFF_FORMAT)),
    ("lint", || document::<LintRecord<'_>>("lint", LINT_FORMAT)),
    ("certificate", || {
        document::<Certificate>("certificate", CERTIFICATE_FORMAT)
    }),
    ("check", || document::<CheckRecord<'_>>("check", CHECK_FORMAT)),
    ("verify", || document::<VerifyRecord<'_>>("verify", VERIFY_FORMAT)),
    ("sweep", || document::<SweepRecord<'_>>("sweep", SWEEP_FORMAT)),
    ("sweep-line", || line::<LineRecord<'_>>("sweep-line", SWEEP_LINE_FORMAT)),
    ("simulate", || {
        document::<SimulateDocument<'_>>("simulate", SIMULATE_FORMAT)
    }),
    ("bench", || document::<BenchRecord>("bench", BENCH_FORMAT)),
    ("problem", || document::<ProblemRecord<'_>>("problem", PROBLEM_FORMAT)),
];

/// The schema of that name.
pub fn schema(name: &str) -> Option<Value> {
    let (_, make) = SCHEMAS.iter().find(|(known, _)| *known == name)?;
    Some(make())
}

fn document<T: JsonSchema>(command: &str, format: &str) -> Value {
    let mut schema = line::<T>(command, format);
    // A document of several kinds lists its fields kind by kind.
    let root = schema.as_object_mut().expect("the schema of a struct is an object");
    let properties = root.entry("properties").or_insert_with(|| json!({}));
    properties["format"] = json!({ "description": "What this document is.", "const": format });
    schema
}

/// One of many lines, which do not say what they are.
fn line<T: JsonSchema>(command: &str, format: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    let root = schema.as_object_mut().expect("the schema of a struct is an object");
    let number = format.rsplit('/').next().expect("a format ends in its number");
    root.insert("$id".to_owned(), json!(format!("urn:bridgehead:{command}/{number}")));
    root.insert("title".to_owned(), json!(format!("Bridgehead {command}")));
    schema
}
