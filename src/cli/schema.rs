//! `schema`: JSON Schemas of documents and input files.

use bridgehead::{load, report};
use clap::Args;
use clap::builder::PossibleValuesParser;

use super::failure::Failure;
use super::output::Output;

/// The JSON Schema of an input file or of a command's JSON.
#[derive(Args)]
pub(super) struct SchemaOf {
    /// Which one.
    #[arg(value_parser = PossibleValuesParser::new(names()))]
    name: String,
}

fn names() -> impl Iterator<Item = &'static str> {
    load::SCHEMAS.iter().chain(report::SCHEMAS).map(|(name, _)| *name)
}

impl SchemaOf {
    pub(super) fn run(&self, output: Output) -> Result<(), Failure> {
        let schema = load::schema(&self.name).or_else(|| report::schema(&self.name));
        let schema = schema.ok_or_else(|| Failure::usage(format!("there is no schema called `{}`", self.name)))?;
        output.write(|out| {
            serde_json::to_writer_pretty(&mut *out, &schema)?;
            writeln!(out)
        })
    }
}
