//! Who hears of failures.

use super::{Rule, SUPPRESSED, drawn};

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = suppression();
    rules.extend(masters());
    rules
}

/// The entry of one server of a group, up to what is said about suppression.
fn entry(server: &str) -> String {
    let group = &server[..1];
    format!("(name: \"{server}\", version: Exchange2003, routing_group: \"{group}\", suppress_state_changes: false")
}

fn suppression() -> Vec<Rule> {
    let a1 = entry("A1");
    let set = a1.replace("false", "true");
    let only_a1 = (a1.as_str(), set.as_str());
    let set = |text: &'static str| ("suppress_state_changes: false", text);
    let pending = set("suppress_state_changes: true, suppression_in_effect: false");
    let all_old = ("version: Exchange2003", "version: Exchange55");
    let odd = set("suppress_state_changes: false, suppression_in_effect: false");
    vec![
        Rule::new("RG003")
            .fires("two attachments", drawn("E-A 1, E-B 1, A-B 1", &[]), &["organization:"])
            .fires("one way each", drawn("E>A 1, B>E 1, A-B 1", &[]), &["organization:"])
            .silent("one attachment", drawn("E-A 1, A-B 1", &[]))
            .silent("suppressed", drawn("E-A 1, E-B 1, A-B 1", &[SUPPRESSED]))
            .silent("5.5 has no such value", drawn("E-A 1, E-B 1, A-B 1", &[all_old])),
        Rule::new("RG004")
            .fires("one of two", drawn("E-A 1", &[only_a1]), &["organization:"])
            .fires("one of four", drawn("E-A 1, A-B 1", &[only_a1]), &["organization:"])
            .silent("none", drawn("E-A 1", &[]))
            .silent(
                "5.5 has no such value",
                drawn(
                    "E-A 1, A-B 1",
                    &[
                        SUPPRESSED,
                        (
                            "version: Exchange2003, routing_group: \"B\", suppress_state_changes: true",
                            "version: Exchange55, routing_group: \"B\"",
                        ),
                    ],
                ),
            )
            .silent("all", drawn("E-A 1", &[SUPPRESSED])),
        Rule::new("RG005")
            .fires("two servers", drawn("E-A 1", &[pending]), &["server:A1", "server:A2"])
            .fixed(drawn("E-A 1", &[SUPPRESSED]))
            .fires(
                "four",
                drawn("A-B 1", &[pending]),
                &["server:A1", "server:A2", "server:B1", "server:B2"],
            )
            .fixed(drawn("A-B 1", &[SUPPRESSED]))
            .silent("in effect", drawn("E-A 1", &[SUPPRESSED]))
            .silent("not set", drawn("E-A 1", &[odd])),
    ]
}

fn masters() -> Vec<Rule> {
    let master = |text: &'static str| ("(name: \"A\")", text);
    let all = ("suppress_state_changes: false", "link_state_blocked: true");
    let in_2007 = (
        "Exchange2007Sp3, site: \"Paris\"",
        "Exchange2007Sp3, site: \"Paris\", link_state_blocked: true",
    );
    let a2 = entry("A2");
    let blocked = format!("{a2}, link_state_blocked: true");
    let version = |server: &str, more: &str| format!("(name: \"{server}\", version: {more}, ");
    let b1 = version("B1", "Exchange2003, routing_group: \"B\"");
    let old = version("B1", "Exchange55, routing_group: \"B\", least_cost_only: true");
    let newer = version("B1", "Exchange2003, routing_group: \"B\", least_cost_only: true");
    let off = version("B1", "Exchange55, routing_group: \"B\"");
    let b_is_old = (
        "version: Exchange2003, routing_group: \"B\"",
        "version: Exchange55, routing_group: \"B\"",
    );
    let mixed_with_2007 = ("suppress_state_changes: false", "least_cost_only: true");
    let all_old = ("version: Exchange2003", "version: Exchange55");
    vec![
        Rule::new("RG013")
            .fires("two groups", drawn("E-A 1, E-B 1", &[]), &["rg:B"])
            .fixed(drawn("E-A 1, E-B 1, A-B 1", &[]))
            .fires("the smaller part", drawn("E-A 1, E-B 1, B-C 1", &[]), &["rg:A"])
            .fixed(drawn("E-A 1, E-B 1, B-C 1, A-B 1", &[]))
            .fires("5.5 does not speak it", drawn("E-A 1, A-B 1", &[b_is_old]), &["rg:B"])
            .fixed(drawn("E-A 1, A-B 1", &[]))
            .silent("joined", drawn("E-A 1, E-B 1, A-B 100", &[]))
            .silent("one direction is enough", drawn("E-A 1, E-B 1, A>B 100", &[]))
            .silent("one group", drawn("E-A 1", &[])),
        Rule::new("RG014")
            .fires(
                "none",
                drawn("E-A 1", &[master("(name: \"A\", master: \"\")")]),
                &["rg:A"],
            )
            .fires(
                "a server of another group",
                drawn("A-B 1", &[master("(name: \"A\", master: \"B1\")")]),
                &["rg:A"],
            )
            .fires(
                "a member that cannot lead",
                drawn(
                    "E-A 1",
                    &[
                        master("(name: \"A\", master: \"A1\")"),
                        ("\"A1\", version: Exchange2003", "\"A1\", version: Exchange55"),
                    ],
                ),
                &["rg:A"],
            )
            .silent("left out", drawn("E-A 1", &[]))
            .silent("its own", drawn("E-A 1", &[master("(name: \"A\", master: \"A2\")")]))
            .silent(
                "stale by itself is not masterless",
                drawn("E-A 1", &[master("(name: \"A\", stale: true)")]),
            ),
        Rule::new("RG015")
            .fires("one", drawn("E-A 1", &[(&a2, &blocked)]), &["server:A2"])
            .fixed(drawn("E-A 1", &[]))
            .fires("all", drawn("E-A 1", &[all]), &["server:A1", "server:A2"])
            .fixed(drawn("E-A 1", &[]))
            .silent("none", drawn("E-A 1", &[]))
            .silent("2007 has no link state", drawn("E-A 1", &[in_2007])),
        Rule::new("RG025")
            .fires("beside 2003", drawn("A-B 1", &[(&b1, &old)]), &["server:B1"])
            .fires(
                "beside 2007",
                drawn("E-A 1", &[mixed_with_2007, all_old]),
                &["server:A1", "server:A2"],
            )
            .silent("switched off", drawn("A-B 1", &[(&b1, &off)]))
            .silent("only 5.5 has the option", drawn("A-B 1", &[(&b1, &newer)])),
    ]
}
