//! The classes of addresses outside (V17), worked out by hand: of each space an address that no other fits better.

use bridgehead::model::Organization;
use bridgehead::verify::{Recipient, recipients};
use serde_json::{Value, json};

use super::{case, told};
use crate::engine::read;
use crate::twin::loops::drawing::{NONE, groups};

fn outside(name: &str, group: &str, spaces: &[&str]) -> Value {
    json!({
        "name": name, "kind": "LegacySmtp", "routing_group": group, "source_servers": [format!("BH-{group}")],
        "smart_hosts": ["relay.example"], "address_spaces": spaces,
    })
}

/// LW15: W's smart host is down, and 2007 sends what W gives it for V back to W.
fn dead_smart_host(space: &str, others: &[&str]) -> Value {
    let mut file = groups("E-W 1, E-V 1");
    let (near, far) = (format!("{space};1"), format!("{space};10"));
    file["connectors"] = json!([outside("To W", "W", &[&near]), outside("To V", "V", &[&far])]);
    if !others.is_empty() {
        let connectors = file["connectors"].as_array_mut().expect("connectors");
        connectors.push(outside("Third", "W", others));
    }
    file
}

/// The classes of addresses as they are shown, and the address that stands for each.
fn classes(org: &Organization) -> Vec<(String, String)> {
    let (all, complete) = recipients(org);
    assert!(complete);
    let shown = all.into_iter().filter_map(|recipient| match recipient {
        Recipient::AddressSpace { space, example } => Some((
            space,
            format!("{}:{}", example.kind().folded(), example.value().folded()),
        )),
        Recipient::Node(_) => None,
    });
    shown.collect()
}

fn spaces_shown(spaces: &[&str], domains: &Value) -> Vec<(String, String)> {
    let mut file = groups("E-W 1, E-V 1");
    file["connectors"] = json!([outside("Out", "W", spaces)]);
    file["accepted_domains"] = domains.clone();
    classes(&case(&file).org)
}

#[test]
fn a_space_loops_whatever_other_spaces_there_are() {
    for (space, shown, others) in [
        ("NOTES:*", "NOTES:*", &[][..]),
        ("NOTES:*", "NOTES:*", &["NOTES:A*;1", "NOTES:any;1"]),
        ("FAX:+49*", "FAX:+49*", &["FAX:+49A*;1", "FAX:+49AN*;1", "FAX:+49B*"]),
        ("*", "SMTP:*", &["*.invalid;1"]),
        ("*", "SMTP:*", &["any.invalid", "*.any.invalid"]),
        ("*.example", "SMTP:*.example", &["*.any.example", "any1.example"]),
        ("X400:*", "X400:*", &[]),
        ("X400:*", "X400:*", &["X400:c=any;1", "X400:c=us;1"]),
        ("X400:c=*", "X400:c=*", &["X400:c=any;1", "X400:c=ANY1;1"]),
    ] {
        let file = dead_smart_host(space, others);
        assert_eq!(
            told(&file, 1),
            [format!("{shown} [To W] E > rg:W must")],
            "{space} beside {others:?}"
        );
    }
}

#[test]
fn a_space_that_names_no_value_fits_no_closer_than_one_that_names_nothing() {
    // RT-2.6.1: as many attributes with a value as `*` has, none. So Third serves what To W serves, and both have to fail.
    let file = dead_smart_host("X400:*", &["X400:c=*;1"]);
    assert_eq!(told(&file, 1), NONE);
    let both = [
        "X400:* [Third, To W] E > rg:W must",
        "X400:c=* [Third, To W] E > rg:W must",
    ];
    assert_eq!(told(&file, 2), both);
}

#[test]
fn a_connector_that_only_another_group_may_use_hides_no_loop() {
    // A sends over W, and nobody sends to A. Own is in scope in A alone (R48), so that W and V head for other connectors than A:
    // what it costs 2007 to get to Own, which it cannot, says nothing about where W sends when its smart host is down.
    let mut file = groups("E-W 1, E-V 1, A>W 1");
    let mut own = outside("Own", "A", &["partner.example"]);
    own["scoped"] = json!(true);
    file["connectors"] = json!([outside("To W", "W", &["*;1"]), outside("To V", "V", &["*;10"]), own]);
    let loops = [
        "SMTP:* [To W] E > rg:W must",
        "SMTP:partner.example [To W] E > rg:W must",
    ];
    assert_eq!(told(&file, 1), loops);
}

#[test]
fn an_address_of_a_class_is_looked_for_outside_our_own_domains() {
    let own = |domain: &str| json!({ "domain": domain, "kind": "Authoritative" });
    let relayed = |domain: &str| json!({ "domain": domain, "kind": "InternalRelay" });
    let shown = |spaces: &[&str], domains: &[Value]| {
        let shown = spaces_shown(spaces, &json!(domains));
        shown.into_iter().map(|(_, example)| example).collect::<Vec<_>>()
    };
    assert_eq!(shown(&["*"], &[own("*.invalid")]), ["SMTP:ANY.ANY"]);
    assert_eq!(
        shown(&["*.d.example"], &[own("any.d.example")]),
        ["SMTP:ANYX.D.EXAMPLE"]
    );
    // D25: `*.d` is `d` as well, and here all that is left.
    let but_itself = [own("*.d.example"), relayed("d.example")];
    assert_eq!(shown(&["*.d.example"], &but_itself), ["SMTP:D.EXAMPLE"]);
    assert_eq!(shown(&["*.d.example"], &[own("*.d.example")]), NONE);
    assert_eq!(shown(&["d.example"], &[own("d.example")]), NONE);
}

#[test]
fn addresses_that_x400_spaces_fit_crosswise_are_a_class() {
    let mut file = groups("E-W 1, E-V 1");
    file["connectors"] = json!([
        outside("To W", "W", &["X400:c=us;1"]),
        outside("To V", "V", &["X400:o=y;10"])
    ]);
    // Only of an address with both is there another way out when To W fails.
    assert_eq!(told(&file, 1), ["X400:C=US;O=Y [To W] E > rg:W must"]);
    let values: Vec<String> = classes(&case(&file).org).into_iter().map(|(shown, _)| shown).collect();
    assert_eq!(values, ["X400:c=us", "X400:C=US;O=Y", "X400:o=y"]);
    let shown = |spaces: &[&str]| {
        let shown = spaces_shown(spaces, &json!([]));
        shown.into_iter().map(|(shown, _)| shown).collect::<Vec<_>>()
    };
    // No address has two countries; what one space holds of another adds nothing.
    assert_eq!(shown(&["X400:c=us;1", "X400:c=de;1"]), ["X400:c=de", "X400:c=us"]);
    assert_eq!(
        shown(&["X400:c=us;1", "X400:c=us;o=y;1"]),
        ["X400:c=us", "X400:c=us;o=y"]
    );
    // Any value, where another space says which.
    assert_eq!(shown(&["X400:o=*;1", "X400:c=us;o=y;1"]), ["X400:c=us;o=y", "X400:o=*"]);
}

#[test]
fn more_than_256_crosswise_classes_are_cut() {
    // Eight spaces of one attribute each overlap in 2^8 - 1 - 8 = 247 more ways, nine in 502.
    for (count, complete) in [(8, true), (9, false)] {
        let spaces: Vec<String> = (0..count).map(|at| format!("X400:a{at}=x;1")).collect();
        let spaces: Vec<&str> = spaces.iter().map(String::as_str).collect();
        let mut file = groups("E-W 1");
        file["connectors"] = json!([outside("Out", "W", &spaces)]);
        let (all, all_of_them) = recipients(&read(&file.to_string()));
        assert_eq!(all_of_them, complete, "{count} spaces");
        // E and W besides.
        let expected = if complete { 2 + 8 + 247 } else { 2 + 9 + 256 };
        assert_eq!(all.len(), expected, "{count} spaces");
    }
}

#[test]
fn a_domain_below_one_that_is_ours_alone_is_found_whatever_is_named_beside_it() {
    // Ours alone are corp.example and all below it, but for what is below lab.corp.example, of which two are ours again.
    let domains = json!([
        { "domain": "*.corp.example", "kind": "Authoritative" },
        { "domain": "*.lab.corp.example", "kind": "InternalRelay" },
        { "domain": "lab.corp.example", "kind": "Authoritative" },
        { "domain": "any.lab.corp.example", "kind": "Authoritative" },
    ]);
    let found = spaces_shown(&["*.corp.example"], &domains);
    let example = "SMTP:ANYX.LAB.CORP.EXAMPLE".to_owned();
    assert_eq!(found, [("SMTP:*.corp.example".to_owned(), example)]);
}

#[test]
fn what_an_x400_space_leaves_open_makes_no_class_of_its_own() {
    let shown = |spaces: &[&str]| -> Vec<String> {
        let all = spaces_shown(spaces, &json!([])).into_iter();
        all.map(|(space, _)| space).collect()
    };
    // One class for each space that is written; that o may be anything adds nothing to a=x.
    assert_eq!(shown(&["X400:a=x;1", "X400:o=*;1"]), ["X400:a=x", "X400:o=*"]);
    assert_eq!(
        shown(&["X400:a=x;1", "X400:o=y;1"]),
        ["X400:a=x", "X400:A=X;O=Y", "X400:o=y"]
    );
}
