//! Loops and black holes.

use super::{Rule, SUPPRESSED, drawn};
use crate::lint::RW36;

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = by_cause();
    rules.extend(around_loops());
    rules
}

fn by_cause() -> Vec<Rule> {
    let lw12 = "E-V 1, E>W 5, W>E 2, V-R 1, W-R 1";
    let lw17 = "A-B 1, A-S 1, S-B 10";
    let arcs = "E-V 1, E-W 1, V-R 10, W-R 1";
    let rtm = ("Exchange2007Sp3", "Exchange2007Rtm");
    let other_way = (
        "from: \"W\", to: \"R\", cost: 1",
        "from: \"W\", to: \"R\", cost: 1, max_message_size: \"10MB\"",
    );
    let narrow = (
        "(name: \"V to R\", from: \"V\", to: \"R\", cost: 1",
        "(name: \"V to R\", from: \"V\", to: \"R\", cost: 1, max_message_size: \"10MB\"",
    );
    let x400 = ("to: \"R\", cost: 1)", "to: \"R\", cost: 1, kind: X400)");
    let smtp = ("to: \"R\", cost: 1)", "to: \"R\", cost: 1, kind: Smtp)");
    let stale = ("(name: \"S\")", "(name: \"S\", stale: true)");
    let masterless = ("(name: \"S\")", "(name: \"S\", master: \"\")");
    vec![
        Rule::new("RG001")
            .fires("RW36", drawn(RW36, &[]), &["connector:A to B"])
            .fires(
                "LW11",
                drawn("C-H 10, C-L 10, H-L 15, E-C 1, E-H 1", &[]),
                &["connector:C to L"],
            )
            .silent("RW36, suppressed", drawn(RW36, &[SUPPRESSED]))
            .silent(
                "RW36 with the least cost to B",
                drawn("E-A 1, A-B 1, E>B 1, B>E 1", &[]),
            )
            .silent("RW36 with one attachment", drawn("E-A 1, A-B 1", &[])),
        Rule::new("RG002")
            .fires("LW12", drawn(lw12, &[SUPPRESSED, rtm, narrow]), &["connector:V to R"])
            .fires(
                "LW12 without suppression",
                drawn(lw12, &[rtm, narrow]),
                &["connector:V to R"],
            )
            .silent("LW12 without the limit", drawn(lw12, &[SUPPRESSED, rtm]))
            .fires(
                "LW12 from SP1 on: returned, unless the system wrote it",
                drawn(lw12, &[SUPPRESSED, narrow]),
                &["connector:V to R"],
            )
            .silent(
                "the limit is where nobody goes",
                drawn(lw12, &[SUPPRESSED, rtm, other_way]),
            ),
        Rule::new("RG009")
            .fires("only RTM", drawn(arcs, &[rtm, x400]), &["connector:W to R"])
            .fires(
                "suppressed",
                drawn(arcs, &[rtm, x400, SUPPRESSED]),
                &["connector:W to R"],
            )
            .silent("SP3 sees it", drawn(arcs, &[x400]))
            .silent("an SMTP connector is seen", drawn(arcs, &[rtm, smtp]))
            .silent("and so is a routing group connector", drawn(arcs, &[rtm])),
        Rule::new("RG016")
            .fires("LW17", drawn(lw17, &[stale]), &["rg:S"])
            .fires("no master makes it stale", drawn(lw17, &[masterless]), &["rg:S"])
            .silent("up to date", drawn(lw17, &[]))
            .silent("its own way is not over A", drawn("A-B 1, A-S 1, S-B 1", &[stale]))
            .silent("suppressed", drawn(lw17, &[stale, SUPPRESSED])),
    ]
}

fn around_loops() -> Vec<Rule> {
    let arcs = "E-V 1, E-W 1, V-R 10, W-R 1";
    let dear = "E-V 2, E-W 2, V-R 20, W-R 1";
    let rtm = ("Exchange2007Sp3", "Exchange2007Rtm");
    let there = ("\"R\", cost: 1)", "\"R\", cost: 1, kind: X400)");
    let back = (
        "from: \"R\", to: \"W\", cost: 1)",
        "from: \"R\", to: \"W\", cost: 1, kind: X400)",
    );
    let off = (", from:", ", public_folder_referrals: false, from:");
    // Every server suppresses, so that a cost is the lightest change.
    let x400 = [rtm, there, back, SUPPRESSED];
    let x400_off = [rtm, there, back, SUPPRESSED, off];
    vec![
        Rule::new("RG021")
            .fires(
                "through the 2007 group, with another way",
                drawn("E-A 1, E-B 1, A-B 3", &[SUPPRESSED]),
                &["connector:E to A", "connector:E to B"],
            )
            .fixed(drawn("E-A 1, E-B 1, A-B 1", &[SUPPRESSED]))
            .fires(
                "one direction",
                drawn("E>A 1, B>E 1, A-B 3", &[SUPPRESSED]),
                &["connector:E to A"],
            )
            .fixed(drawn("E>A 1, B>E 1, A-B 1", &[SUPPRESSED]))
            .silent("the way through is dearer", drawn("E-A 1, E-B 1, A-B 1", &[SUPPRESSED]))
            .silent("there is no other way", drawn("E-A 1, E-B 1", &[SUPPRESSED])),
        Rule::new("RG026")
            .fires(
                "two ways at cost 6",
                drawn("E-A 1, A-B 1, E>B 5, B>E 1, A-C 3, B-C 3", &[]),
                &["site:Paris"],
            )
            .fixed(drawn("E-A 1, A-B 1, E>B 5, B>E 1, A-C 3, B-C 2", &[]))
            .fires(
                "at cost 8",
                drawn("E-A 1, A-B 1, E>B 7, B>E 1, A-C 4, B-C 4", &[]),
                &["site:Paris"],
            )
            .fixed(drawn("E-A 1, A-B 1, E>B 7, B>E 1, A-C 4, B-C 3", &[]))
            .silent(
                "the other is cheaper",
                drawn("E-A 1, A-B 1, E>B 5, B>E 1, A-C 3, B-C 2", &[]),
            )
            .silent("no choice", drawn(RW36, &[])),
        Rule::new("RG028")
            .fires("a cost is advised", drawn(arcs, &x400), &["connector:V to E"])
            .fixed(drawn(arcs, &x400_off))
            .fires("another", drawn(dear, &x400), &["connector:V to E"])
            .fixed(drawn(dear, &x400_off))
            .silent("no referrals", drawn(arcs, &x400_off))
            .silent("nothing is advised", drawn(arcs, &[SUPPRESSED])),
    ]
}
