//! Loops: who holds the mail, what has to fail for it, and what ends it (R33 to R42, LS-3, LS-6; examples LW1 to LW19).
//!
//! Expected answers are literal: `rg:London [Chicago>London] E > rg:Chicago must` is a witness, `E>B: A for rg:B,
//! source_in_2007` a black hole.

mod addresses;
mod classes;
mod decisions;
mod examples;
mod exemptions;
mod hours;
mod life;
mod news;
mod program;
mod reasons;
mod repairs;
mod repairs_chosen;
mod repairs_made;
mod repairs_told;
mod repairs_wording;

use bridgehead::linkstate;
use bridgehead::report::Findings;
use bridgehead::report::record::VerifyRecord;
use bridgehead::route;
use bridgehead::verify::{Bounds, World, repair, verify};
use serde_json::{Value, json};

use crate::engine::read;
use crate::support::Case;

/// How a test verifies.
#[derive(Clone, Copy)]
struct Setting {
    options: route::Options,
    link_state: linkstate::Options,
    bounds: Bounds,
}

/// No open decision moved.
fn setting(most: usize) -> Setting {
    Setting {
        options: route::Options::default(),
        link_state: linkstate::Options::default(),
        bounds: Bounds {
            failures_max: most,
            ..Bounds::default()
        },
    }
}

/// The `verify` document of an organization with its repairs.
fn verified(case: &Case, setting: Setting) -> Value {
    let world = World::new(&case.org, &case.graphs, setting.options, setting.link_state);
    let verification = verify(&world, setting.bounds, &mut |_, _| {});
    let repairs = repair(&world, &verification, setting.bounds, 10_000);
    let findings = Findings {
        verification: &verification,
        repairs: &repairs,
        max_failures: setting.bounds.failures_max,
        between: None,
        flood: None,
    };
    serde_json::to_value(VerifyRecord::new(&world, &findings)).expect("records are JSON")
}

fn case(file: &Value) -> Case {
    Case::new(read(&file.to_string()))
}

/// Every witness, as a line.
fn told(file: &Value, most: usize) -> Vec<String> {
    lines(&verified(&case(file), setting(most)))
}

/// The witnesses for one recipient.
fn told_for(file: &Value, recipient: &str, most: usize) -> Vec<String> {
    let mut all = told(file, most);
    all.retain(|line| line.starts_with(&format!("{recipient} [")));
    all
}

fn lines(document: &Value) -> Vec<String> {
    list(&document["witnesses"]).iter().map(line).collect()
}

fn line(witness: &Value) -> String {
    assert_eq!(witness["entry"], witness["cycle"][0], "{witness}");
    assert_eq!(
        list(&witness["steps"]).len(),
        list(&witness["cycle"]).len(),
        "{witness}"
    );
    format!(
        "{} [{}] {} {}",
        node(&witness["recipient"]),
        joined(&witness["failed"], ", ", text),
        joined(&witness["cycle"], " > ", node),
        text(&witness["certainty"])
    )
}

/// `kind target value` of every change, in order.
fn fix_text(edits: &Value) -> String {
    joined(edits, " + ", |edit| {
        let value = edit["value"].as_str().unwrap_or("-");
        format!("{} {} {value}", text(&edit["kind"]), text(&edit["target"]))
    })
}

/// Every black hole, as a line.
fn holes(file: &Value) -> Vec<String> {
    let found = verified(&case(file), setting(1));
    let line = |hole: &Value| {
        format!(
            "{}: {} for {}, {}",
            text(&hole["failed"]),
            joined(&hole["at"], " ", node),
            joined(&hole["recipients"], " ", node),
            text(&hole["because"])
        )
    };
    list(&found["black_holes"]).iter().map(line).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// A site by its bare name, `rg:NAME`, an address space as it is.
fn node(value: &Value) -> String {
    let name = |field: &str| value[field].as_str();
    let group = name("routing_group").map(|name| format!("rg:{name}"));
    let other = name("site").or(name("address_space")).map(str::to_owned);
    group.or(other).unwrap_or_else(|| panic!("no node: {value}"))
}

fn joined(values: &Value, between: &str, text: impl Fn(&Value) -> String) -> String {
    list(values).iter().map(text).collect::<Vec<_>>().join(between)
}

/// A connector to the outside with a smart host.
fn outside(name: &str, group: &str, space: &str) -> Value {
    json!({
        "name": name, "kind": "LegacySmtp", "routing_group": group, "source_servers": [format!("BH-{group}")],
        "smart_hosts": ["relay.example"], "address_spaces": [space],
    })
}
