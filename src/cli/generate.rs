//! `generate`: organizations made up from a seed.

use bridgehead::load::document::Document;
use bridgehead::load::{to_json, to_ron};
use bridgehead::synth::{self, Shape};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::failure::Failure;
use super::output::Output;

/// A made-up organization, for trying things out, or a template: the same arguments give the same file for ever.
#[derive(Args)]
pub(super) struct Generate {
    /// How the sites are joined.
    #[arg(long, value_name = "SHAPE", value_parser = shapes(), required_unless_present = "template", requires = "sites")]
    shape: Option<Shape>,
    /// How many sites.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(sites()), requires = "shape")]
    sites: Option<u32>,
    /// What everything random follows from.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// A template instead. `setup`: what Exchange 2007's setup creates between the hub being installed and a legacy
    /// bridgehead, a pair of routing-group connectors of cost 1.
    #[arg(long, value_name = "TEMPLATE", conflicts_with_all = ["shape", "seed"], requires = "bridgehead", requires = "hub")]
    template: Option<Template>,
    /// The legacy bridgehead that setup is given; with `--template setup`.
    #[arg(long, value_name = "SERVER", requires = "template")]
    bridgehead: Option<String>,
    /// The hub being installed, and others that shall carry the pair; with `--template setup`.
    #[arg(long, value_name = "SERVER", requires = "template")]
    hub: Vec<String>,
    /// How the file is written.
    #[arg(long, value_name = "FORMAT", default_value = "ron")]
    format: DocumentFormat,
}

/// What can be written besides made-up organizations.
#[derive(Clone, Copy, ValueEnum)]
enum Template {
    Setup,
}

/// How topology files are written.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum DocumentFormat {
    Ron,
    Json,
}

impl DocumentFormat {
    pub(super) fn text(self, document: &Document) -> String {
        match self {
            DocumentFormat::Ron => to_ron(document),
            DocumentFormat::Json => to_json(document),
        }
    }
}

pub(super) fn shapes() -> impl TypedValueParser<Value = Shape> {
    let described = |shape: Shape| PossibleValue::new(shape.name()).help(shape.about());
    PossibleValuesParser::new(Shape::ALL.map(described)).map(|name| {
        let named = |shape: &Shape| shape.name() == name;
        Shape::ALL
            .into_iter()
            .find(named)
            .expect("only names of shapes are possible")
    })
}

pub(super) fn sites() -> std::ops::RangeInclusive<i64> {
    i64::from(*synth::SITES.start())..=i64::from(*synth::SITES.end())
}

impl Generate {
    pub(super) fn run(&self, output: Output) -> Result<(), Failure> {
        let document = self.document()?;
        output.write(|out| out.write_all(self.format.text(&document).as_bytes()))
    }

    fn document(&self) -> Result<Document, Failure> {
        match (self.template, &self.bridgehead, self.shape, self.sites) {
            (Some(Template::Setup), Some(bridgehead), ..) => {
                let mut document = Document::default();
                synth::setup(&mut document, bridgehead, &self.hub)
                    .map_err(|error| Failure::usage(error.to_string()))?;
                Ok(document)
            }
            (_, _, Some(shape), Some(sites)) => {
                let seed = self.seed;
                let options = synth::Options { shape, sites, seed };
                synth::generate(options).map_err(|error| Failure::usage(error.to_string()))
            }
            _ => Err(Failure::usage(
                "name a shape and a number of sites, or a template".to_owned(),
            )),
        }
    }
}
