//! `generate`: organizations made up from a seed.

use bridgehead::load::{to_json, to_ron};
use bridgehead::synth::{self, Shape};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::failure::Failure;
use super::output::Output;

/// A made-up organization, for trying things out: the same arguments give the same file for ever.
#[derive(Args)]
pub(super) struct Generate {
    /// How the sites are joined. `coexistence` adds legacy routing groups and what setup of the first hub creates.
    #[arg(long, value_name = "SHAPE", value_parser = shapes())]
    shape: Shape,
    /// How many sites.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(sites()))]
    sites: u32,
    /// What everything random follows from.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How the file is written.
    #[arg(long, value_name = "FORMAT", default_value = "ron")]
    format: DocumentFormat,
}

/// How topology files are written.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum DocumentFormat {
    Ron,
    Json,
}

impl DocumentFormat {
    pub(super) fn text(self, document: &bridgehead::load::document::Document) -> String {
        match self {
            DocumentFormat::Ron => to_ron(document),
            DocumentFormat::Json => to_json(document),
        }
    }
}

fn shapes() -> impl TypedValueParser<Value = Shape> {
    PossibleValuesParser::new(Shape::ALL.map(Shape::name)).map(|name| {
        let named = |shape: &Shape| shape.name() == name;
        Shape::ALL
            .into_iter()
            .find(named)
            .expect("only names of shapes are possible")
    })
}

fn sites() -> std::ops::RangeInclusive<i64> {
    i64::from(*synth::SITES.start())..=i64::from(*synth::SITES.end())
}

impl Generate {
    pub(super) fn run(&self, output: Output) -> Result<(), Failure> {
        let options = synth::Options {
            shape: self.shape,
            sites: self.sites,
            seed: self.seed,
        };
        let document = synth::generate(options).map_err(|error| Failure::usage(error.to_string()))?;
        output.write(|out| out.write_all(self.format.text(&document).as_bytes()))
    }
}
