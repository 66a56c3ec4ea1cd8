//! Size limits.

use super::{Rule, drawn, graph, send, two_sites};
use crate::lint::edited;

pub(super) fn rules() -> Vec<Rule> {
    let limited = ("\"E to A\"", "\"E to A\", max_message_size: \"1MB\"");
    let rtm = ("Exchange2007Sp3", "Exchange2007Rtm");
    let both = [limited, ("\"E to B\"", "\"E to B\", max_message_size: \"1MB\"")];
    let partner = |limits: [&str; 3]| {
        let [own, wider, all] = limits.map(|limit| format!("max_message_size: {limit}"));
        let internet = send("Net", "\"HB\"", "*", &all);
        two_sites(
            &(send("P", "\"HA\"", "mail.x.example", &own) + &send("X", "\"HA\"", "*.x.example", &wider) + &internet),
        )
    };
    let (small, any) = ("\"1MB\"", "unlimited");
    let narrow = |drawing: &str| edited(&graph(drawing), &[("cost: 1)", "cost: 1, max_message_size: \"1MB\")")]);
    let foreign = |limit: &str| {
        two_sites(&format!(
            "(name: \"Fax\", kind: Foreign, source_servers: [\"HA\"], address_spaces: [\"FAX:*\"], max_message_size: {limit}),"
        ))
    };
    let line = |version: &str, hops: &str| {
        let own = format!("\"D1\", max_hops: {hops}, version: {version}");
        drawn("E-A 1, A-B 1, B-C 1, C-D 1", &[("\"D1\", version: Exchange2003", &own)])
    };
    vec![
        Rule::new("RG007")
            .fires(
                "out of the 2007 group",
                drawn("E-A 1", &[rtm, limited]),
                &["connector:E to A"],
            )
            .silent("SP3 sees it", drawn("E-A 1", &[limited])),
        Rule::new("RG008")
            .fires(
                "the way around is dearer",
                drawn("E>A 1, A-B 1, E-B 7", &[limited]),
                &["connector:E to A"],
            )
            .silent("there is no other way", drawn("E-A 1, A-B 1", &[limited]))
            .silent("the other way has a limit, too", drawn("E>A 1, A-B 1, E-B 7", &both)),
        // From the hub to C are four headers; D adds one, or two.
        Rule::new("RG023")
            .fires("the sixth of eleven", line("Exchange2003", "11"), &["server:D1"])
            .fixed(line("Exchange2003", "12"))
            .fires("more than pass", line("Exchange2000", "5"), &["server:D1"])
            .fixed(line("Exchange2000", "30"))
            .silent("the sixth of twelve", line("Exchange2000", "12"))
            .silent(
                "a shorter way costs as little as it may",
                drawn(
                    "E-A 1, A-B 1, B-C 1, C-D 1, E-D 1",
                    &[("\"D1\"", "\"D1\", max_hops: 11")],
                ),
            ),
        Rule::new("RT013")
            .fires("a wider space takes more", partner([small, any, any]), &["connector:P"])
            .fixed(partner([small, small, small]))
            .silent("none has a limit", partner([any, any, any])),
        Rule::new("RT014")
            .fires("the way around is wide", narrow("A-B 1, B-C 9, A-C 9"), &["link:A-B"])
            .fixed(edited(
                &graph("A-B 20, B-C 9, A-C 9"),
                &[("cost: 20)", "cost: 20, max_message_size: \"1MB\")")],
            ))
            .silent("the way around is as narrow", narrow("A-B 1, B-C 1, A-C 9")),
        Rule::new("RT033")
            .fires("in words", foreign("\"0KB\""), &["connector:Fax"])
            .fixed(foreign(any))
            .silent("no limit", foreign(any)),
    ]
}
