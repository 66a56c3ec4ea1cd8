//! `bench`: what this machine reaches. The only command whose result hangs on a clock.

mod measure;
mod rows;

use bridgehead::graph::CompactSites;
use bridgehead::load::resolve;
use bridgehead::model::{NameOrder, Organization};
use bridgehead::report::{BENCH_FORMAT, BenchFormat, BenchRecord, CaseRecord, write_bench};
use bridgehead::route::all_pairs::AllPairs;
use bridgehead::synth::{self, Shape};
use clap::{Args, ValueEnum};

use super::failure::Failure;
use super::generate::{shapes, sites};
use super::messages::Messages;
use super::output::Output;
use super::progress::Progress;

/// What this machine reaches: the time until every route can be looked up, and what looking up and writing down costs, on
/// generated organizations.
///
/// The numbers are measured, so they are different every time; nothing else that Bridgehead prints is.
#[derive(Args)]
pub(super) struct Bench {
    /// How the sites are joined, as in `generate`; may be given several times. Unless given, all but chain, ring, star and
    /// legacy-mesh.
    #[arg(long, value_name = "SHAPE", value_parser = shapes())]
    shape: Vec<Shape>,
    /// How many sites; may be given several times. Some that take no more than a second each unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(sites()))]
    sites: Vec<u32>,
    /// Memory that is filled again and again for comparison, in MiB: more than the processor's caches hold.
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    buffer: u32,
    /// How the measurements are written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A table.
    Text,
    /// One document, `bridgehead.bench/1`.
    Json,
}

/// What is measured unless something else is asked for.
const USUAL: [(Shape, &[u32]); 8] = [
    (Shape::HubAndSpoke, &[1_000, 10_000, 50_000]),
    (Shape::MultiTier, &[1_000, 10_000]),
    (Shape::DualHub, &[1_000, 5_000]),
    (Shape::Mesh, &[1_000]),
    (Shape::Sparse, &[1_000, 5_000]),
    (Shape::Clique, &[1_000, 10_000]),
    (Shape::BigLink, &[1_000, 10_000]),
    (Shape::Coexistence, &[1_000, 10_000]),
];

/// For a shape that is not among those.
const USUAL_SITES: [u32; 2] = [1_000, 10_000];

impl Bench {
    pub(super) fn run(&self, output: Output, messages: &Messages) -> Result<(), Failure> {
        let mut progress = Progress::new(messages);
        let buffer = measure::Buffer::new(self.buffer);
        let mut buffer = buffer.map_err(|error| {
            let message = format!("there is no memory for `--buffer {}`: {error}", self.buffer);
            Failure::usage(message).help("name fewer MiB")
        })?;
        let mut cases = Vec::new();
        for (shape, sites) in self.cases() {
            progress.begin(&format!("{}, {sites} sites", shape.name()));
            cases.push(case(shape, sites, &mut buffer)?);
        }
        drop(progress);
        let record = BenchRecord {
            format: BENCH_FORMAT,
            version: env!("CARGO_PKG_VERSION"),
            threads: rayon::current_num_threads(),
            buffer_bytes: buffer.bytes(),
            cases,
        };
        let format = match self.format {
            Format::Text => BenchFormat::Text,
            Format::Json => BenchFormat::Json,
        };
        let palette = output.palette();
        output.write(|out| write_bench(&record, format, palette, out))
    }

    /// Shape by shape.
    fn cases(&self) -> Vec<(Shape, u32)> {
        let usual = |shape: Shape| USUAL.iter().find(|(usual, _)| *usual == shape);
        let shapes = match self.shape.as_slice() {
            [] => USUAL.map(|(shape, _)| shape).to_vec(),
            asked => asked.to_vec(),
        };
        let sizes = |shape| match self.sites.as_slice() {
            [] => usual(shape).map_or(&USUAL_SITES[..], |(_, sizes)| *sizes),
            asked => asked,
        };
        let cases = shapes
            .into_iter()
            .flat_map(|shape| sizes(shape).iter().map(move |sites| (shape, *sites)));
        cases.collect()
    }
}

/// What somebody gets who asks `generate` for the same.
fn organization(shape: Shape, sites: u32) -> Result<Organization, Failure> {
    let options = synth::Options { shape, sites, seed: 1 };
    let document = synth::generate(options).map_err(|error| Failure::usage(error.to_string()))?;
    Ok(resolve(&document, NameOrder::default()).expect("generated organizations have no problems"))
}

fn case(shape: Shape, sites: u32, buffer: &mut measure::Buffer) -> Result<CaseRecord, Failure> {
    let org = organization(shape, sites)?;
    let compact = CompactSites::new(&org);
    let build = || AllPairs::new(&compact).expect("the costs of generated links are small");
    let (all, memory) = measure::held(build);
    let (ready_ns, builds) = measure::median(|| drop(build()));
    let count = u64::from(sites);
    let routes = count * (count - 1);
    let (row_ns, rows_written) = measure::rows(&all);
    let rows_ns = measure::times(row_ns, rows_written, count);
    let fill_ns = buffer.fill_ns(count * count * rows::BYTES_A_PAIR);
    Ok(CaseRecord {
        shape: shape.name(),
        sites: compact.sites(),
        links: org.site_links().len(),
        routes,
        kernel: all.kernel_size(),
        ready_ns,
        builds,
        routes_per_second: measure::per_second(routes, ready_ns),
        memory_bytes: memory,
        questions_per_second: measure::questions_per_second(&all, compact.sites()),
        rows_written,
        rows_ns,
        fill_ns,
        rows_percent_of_fill: measure::times(100, fill_ns, rows_ns),
    })
}
