//! Sites and the links between them.

use super::{Rule, graph};
use crate::lint::edited;
use crate::support::graph_fields;

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = hubs();
    rules.extend(servers());
    rules.extend(paths());
    rules.extend(links());
    rules
}

/// A hub site H between A and B, and servers.
fn around_a_hub(list: &str) -> String {
    format!("({} servers: [{list}])", graph_fields("A-H 1, H-B 1, hub(H)"))
}

fn server(name: &str, site: &str, more: &str) -> String {
    format!("(name: \"{name}\", version: Exchange2010Sp3, site: \"{site}\", {more}),")
}

fn ends() -> String {
    server("XA", "A", "") + &server("XB", "B", "")
}

fn hubs() -> Vec<Rule> {
    let with = |more: &str| around_a_hub(&(ends() + more));
    let first = server("XH", "H", "");
    vec![
        Rule::new("RT001")
            .fires("at the end of a branch", graph("A-H 5, A-B 1, hub(H)"), &["site:H"])
            .fires(
                "on the way that is never taken",
                graph("A-H 5, H-B 5, A-B 1, hub(H)"),
                &["site:H"],
            )
            .silent("on the way to B", graph("A-H 5, H-B 1, A-C 1, hub(H)")),
        Rule::new("RT002")
            .fires(
                "mailboxes only",
                with(&server("XH", "H", "roles: [Mailbox]")),
                &["site:H"],
            )
            .silent("no mailboxes", with(&server("XH", "H", "roles: [HubTransport]"))),
        Rule::new("RT003")
            .fires(
                "the second has no transport",
                with(&(first.clone() + &server("YH", "H", "roles: [Mailbox]"))),
                &["site:H"],
            )
            .fixed(with(&(first + &server("YH", "H", ""))))
            .silent("no servers are told", graph("A-H 1, H-B 1, hub(H)")),
    ]
}

fn servers() -> Vec<Rule> {
    let mailboxes = server("XH", "H", "roles: [Mailbox]");
    let hub = server("YH", "H", "roles: [HubTransport]");
    let lost = "(sites: [(name: \"A\")], servers: [(name: \"X\", version: Exchange2007Sp1, routing_group: \"DWBGZMFD01QNBJR\")])";
    vec![
        Rule::new("RT005")
            .fires("no transport server at all", around_a_hub(&(ends() + &mailboxes)), &["server:XH"])
            .fixed(around_a_hub(&(ends() + &mailboxes + &hub + &hub.replace("YH", "ZH"))))
            .silent(
                "RTM serves SP3",
                "(sites: [(name: \"A\")], servers: [(name: \"X\", version: Exchange2007Rtm, site: \"A\", roles: [HubTransport]), (name: \"Y\", version: Exchange2007Sp3, site: \"A\", roles: [Mailbox])])",
            ),
        Rule::new("RT040")
            .fires("only the group is told", lost, &["server:X"])
            .fixed(edited(lost, &[("routing_group: \"DWBGZMFD01QNBJR\"", "site: \"A\"")]))
            .silent(
                "nothing is routed to these",
                "(sites: [(name: \"A\")], servers: [(name: \"EDGE\", version: Exchange2010Sp3, roles: [EdgeTransport]), (name: \"CAS\", version: Exchange2010Sp3, roles: [ClientAccess])])",
            ),
    ]
}

fn paths() -> Vec<Rule> {
    vec![
        Rule::new("RT004")
            .fires("two parts", graph("A-B 1, C-D 1, D-E 1"), &["site:A"])
            .fixed(graph("A-B 1, B-C 1, C-D 1, D-E 1"))
            .silent(
                "the other site has no transport server",
                "(sites: [(name: \"A\"), (name: \"B\")], servers: [(name: \"X\", version: Exchange2010Sp3, site: \"A\")])",
            ),
        Rule::new("RT006")
            .fires("by name", graph("A-B 1, B-D 3, A-C 2, C-D 2"), &["organization:"])
            .fixed(graph("A-B 1, B-D 3, A-C 2, C-D 5"))
            .fires("by hops", graph("A-B 1, B-C 1, A-C 2"), &["organization:"])
            .fixed(graph("A-B 1, B-C 1, A-C 3"))
            .silent("one is cheaper", graph("A-B 1, B-C 1, A-C 3")),
        Rule::new("RT031")
            .fires("B, but Z", graph("A-C 5, C-X 5, X-D 5, A-B 5, B-Z 5, Z-D 5"), &["organization:"])
            .fixed(graph("A-C 5, C-X 5, X-D 5, A-B 5, B-Z 5, Z-D 6"))
            .silent("a tie that both ends break alike", graph("A-B 5, B-D 5, A-C 5, C-D 5")),
    ]
}

fn links() -> Vec<Rule> {
    let mesh = |default: &str| {
        let plain = graph("A-B 5, B-C 5");
        edited(&plain, &[("site_links: [", &format!("site_links: [{default}"))])
    };
    let default = |sites: &str| format!("(name: \"DefaultIPSiteLink\", sites: [{sites}]),");
    let cost = |text: &str| edited(&graph("A-B 5"), &[("cost: 5", text)]);
    let lone = "(sites: [(name: \"A\")], site_links: [(name: \"A-old\", sites: [\"A\"])])";
    vec![
        Rule::new("RT030")
            .fires(
                "in any case",
                mesh(&default("\"A\", \"B\", \"C\"")),
                &["link:DefaultIPSiteLink"],
            )
            .fixed(mesh(""))
            .silent("not every site", mesh(&default("\"A\", \"C\""))),
        Rule::new("RT032")
            .fires("lower", cost("cost: 5, exchange_cost: 1"), &["link:A-B"])
            .fixed(cost("cost: 5"))
            .silent("the same", cost("cost: 100, exchange_cost: 100")),
        Rule::new("RT035")
            .fires("an SMTP link", cost("transport: Smtp, cost: 5"), &["link:A-B"])
            .fixed(cost("cost: 5"))
            .silent(
                "nothing to bridge",
                "(bridge_all_site_links: false, sites: [(name: \"A\")])",
            ),
        Rule::new("RT039")
            .fires("no site", "(site_links: [(name: \"None\", sites: [])])", &["link:None"])
            .fixed("(site_links: [])")
            .fires("one", lone, &["link:A-old"])
            .fixed("(sites: [(name: \"A\")])")
            .silent("two", graph("A-B 1")),
    ]
}
