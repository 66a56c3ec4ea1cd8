//! What it costs to keep the place of every value: time against the same structs deserialized plainly, and peak memory
//! against the size of the file.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use bridgehead::diagnostic::Source;
use bridgehead::load::{self, Format, Limits};
use criterion::{Criterion, Throughput};
use serde::Deserialize;

/// Counts the bytes that are in use, and the most that ever were.
struct Counting;

static USED: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[expect(
    unsafe_code,
    reason = "an allocator can't be written without; all work is the system's"
)]
// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let used = USED.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(used, Ordering::Relaxed);
        // SAFETY: the caller keeps what `alloc` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        USED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps what `dealloc` asks for.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes in use while `body` runs, beyond those in use before.
fn peak<T>(body: impl FnOnce() -> T) -> (T, usize) {
    let before = USED.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let result = body();
    (result, PEAK.load(Ordering::Relaxed) - before)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct PlainDocument {
    format: Option<String>,
    organization: Option<String>,
    sites: Vec<PlainSite>,
    site_links: Vec<PlainSiteLink>,
    servers: Vec<PlainServer>,
    mailboxes: Vec<PlainMailbox>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PlainSite {
    name: Option<String>,
    hub_site: Option<bool>,
    inbound_mail: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PlainSiteLink {
    name: Option<String>,
    sites: Vec<String>,
    cost: Option<u32>,
    exchange_cost: Option<u32>,
    max_message_size: Option<String>,
    transport: Option<String>,
}

#[derive(Deserialize)]
enum PlainVersion {
    Exchange2007Sp1,
    Exchange2010Sp3,
}

#[derive(Deserialize)]
enum PlainRole {
    HubTransport,
    Mailbox,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PlainServer {
    name: Option<String>,
    fqdn: Option<String>,
    version: Option<PlainVersion>,
    site: Option<String>,
    routing_group: Option<String>,
    roles: Vec<PlainRole>,
    dag: Option<String>,
    max_hops: Option<u32>,
    message_expiration_timeout: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PlainMailbox {
    address: Option<String>,
    database: Option<String>,
    server: Option<String>,
}

const SITES: usize = 4_000;

/// An organization in RON, written as a person would.
fn ron() -> String {
    let mut text =
        String::from("(\n    format: \"bridgehead.topology/1\",\n    organization: \"Contoso\",\n    sites: [\n");
    for site in 0..SITES {
        let hub = if site % 10 == 0 { ", hub_site: true" } else { "" };
        writeln!(text, "        (name: \"Site-{site:05}\"{hub}),").expect("a String takes all text");
    }
    text.push_str("    ],\n    site_links: [\n");
    for link in 0..2 * SITES {
        let (from, to) = (link % SITES, (link * 7 + 1) % SITES);
        writeln!(
            text,
            "        (name: \"Link-{link:05}\", sites: [\"Site-{from:05}\", \"Site-{to:05}\"], cost: {}, max_message_size: \"10MB\"),",
            1 + link % 100
        )
        .expect("a String takes all text");
    }
    text.push_str("    ],\n    servers: [\n");
    for server in 0..2 * SITES {
        writeln!(
            text,
            "        (name: \"HUB-{server:05}\", fqdn: \"hub-{server:05}.contoso.example\", version: {}, site: \"Site-{:05}\", roles: [HubTransport, Mailbox], max_hops: 60),",
            if server % 2 == 0 { "Exchange2010Sp3" } else { "Exchange2007Sp1" },
            server % SITES
        )
        .expect("a String takes all text");
    }
    text.push_str("    ],\n    mailboxes: [\n");
    for mailbox in 0..5 * SITES {
        writeln!(
            text,
            "        (address: \"user-{mailbox:06}@contoso.example\", server: \"HUB-{:05}\"),",
            mailbox % (2 * SITES)
        )
        .expect("a String takes all text");
    }
    text.push_str("    ],\n)\n");
    text
}

fn plain_ron(text: &str) -> PlainDocument {
    let options = ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
    options.from_str(text).expect("the text is fine")
}

fn plain_json(text: &str) -> PlainDocument {
    serde_json::from_str(text).expect("the text is fine")
}

fn main() {
    let limits = Limits::default();
    let read = |source: &Source, format| load::read(source, format, &limits).expect("the text is fine");
    let ron = Source::new("ron", ron());
    let json = serde_json::to_string_pretty(&read(&ron, Format::Ron)).expect("a document can be written");
    let json = Source::new("json", json);

    let mut out = std::io::stderr();
    for (source, format) in [(&ron, Format::Ron), (&json, Format::Json)] {
        let bytes = source.text.len();
        let fetched = || load::fetch("t", source.text.as_bytes(), &limits).expect("the text is fine");
        let (_, placed) = peak(|| {
            let source = fetched();
            let document = read(&source, format);
            (source, document)
        });
        let (_, plain) = peak(|| {
            let source = fetched();
            let document = match format {
                Format::Ron => plain_ron(&source.text),
                Format::Json => plain_json(&source.text),
            };
            (source, document)
        });
        let tenths = |peak: usize| format!("{}.{}", peak / bytes, peak * 10 / bytes % 10);
        writeln!(
            out,
            "{format:?}: {bytes} bytes, peak memory {} times the file with places, {} times without",
            tenths(placed),
            tenths(plain)
        )
        .expect("standard error is open");
    }

    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    for (source, format) in [(&ron, Format::Ron), (&json, Format::Json)] {
        let mut group = criterion.benchmark_group(format!("{format:?}"));
        group.throughput(Throughput::Bytes(source.text.len() as u64));
        group.bench_function("with places", |bench| bench.iter(|| read(black_box(source), format)));
        group.bench_function("plain", |bench| match format {
            Format::Ron => bench.iter(|| plain_ron(black_box(&source.text))),
            Format::Json => bench.iter(|| plain_json(black_box(&source.text))),
        });
        group.finish();
    }
    criterion.final_summary();
}
