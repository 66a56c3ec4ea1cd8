//! Twins: records as serde writes them, rows as the csv library does, one after the other.

use super::*;
use crate::load::document::Document;
use crate::load::resolve;
use crate::model::{FailureSet, Message, NameOrder};
use crate::report::escape::escaped;
use crate::report::record::{RouteRecord, clause_word, leg_name, relay_word};
use crate::route::{Graphs, Options, Plan};
use crate::synth::{self, Shape};

/// An organization with legacy groups whose names hold what CSV and JSON have to do something about.
fn nasty() -> Document {
    let options = synth::Options {
        shape: Shape::Coexistence,
        sites: 40,
        seed: 1,
    };
    let mut document = synth::generate(options).expect("within the limits");
    let decorate = |name: &str, at: usize| match at % 7 {
        0 => format!("={name}"),
        1 => format!("a \"{name}\", b"),
        2 => format!("\t{name}\u{202e}"),
        3 => format!("\\{name}\u{1}é日"),
        4 => format!("{name},"),
        5 => format!("-{name}\""),
        _ => name.to_owned(),
    };
    let names: Vec<String> = document
        .sites
        .iter()
        .filter_map(|site| Some(site.name.as_ref()?.value.clone()))
        .collect();
    let renamed = |name: &str| {
        let at = names
            .iter()
            .position(|site| site == name)
            .expect("a site of the organization");
        decorate(name, at)
    };
    for site in &mut document.sites {
        site.name = site.name.as_ref().map(|name| renamed(&name.value).into());
    }
    for (at, link) in document.site_links.iter_mut().enumerate() {
        link.name = link.name.as_ref().map(|name| decorate(&name.value, at).into());
        link.sites = link.sites.iter().map(|site| renamed(&site.value).into()).collect();
    }
    // Some sites hang on nothing.
    document
        .site_links
        .retain(|link| link.sites.iter().all(|site| !site.value.ends_with(',')));
    for server in &mut document.servers {
        server.site = server.site.as_ref().map(|site| renamed(&site.value).into());
    }
    for (at, connector) in document.routing_group_connectors.iter_mut().enumerate() {
        connector.name = connector.name.as_ref().map(|name| decorate(&name.value, at).into());
    }
    document
}

/// Every sender, and each server of its own besides.
fn senders(org: &Organization) -> (Vec<Sender>, Vec<ServerIdx>) {
    let named: Vec<ServerIdx> = org.servers().iter_enumerated().map(|(server, _)| server).collect();
    let servers = named.iter().filter_map(|server| Sender::server(org, *server));
    let nodes = org.routers().filter_map(|node| Sender::node(org, node));
    let nodes = nodes.map(|sender| Sender { server: None, ..sender });
    (nodes.chain(servers).collect(), named)
}

/// What is written, and every plan with its sender.
fn both(
    format: RoutesFormat,
    mut each: impl FnMut(&Organization, Sender, Option<ServerIdx>, Node, Option<&Plan>),
) -> Vec<u8> {
    let org = resolve(&nasty(), NameOrder::default()).expect("no problem");
    let graphs = Graphs::new(&org);
    let (message, down) = (Message::default(), FailureSet::default());
    let view = View::new(&org, &graphs, Options::default(), &message, &down);
    let (senders, named) = senders(&org);
    let query = RoutesQuery {
        senders: &senders,
        named: &named,
        to: &[],
    };
    let mut unreachable = 0;
    for sender in &senders {
        for (to, plan) in view.table(*sender) {
            unreachable += usize::from(plan.is_none());
            each(&org, *sender, query.server(*sender), to, plan.as_ref());
        }
    }
    assert!(unreachable > 10, "{unreachable}");
    let mut out = Vec::new();
    let mut told = Vec::new();
    write_routes(&view, query, format, Palette::PLAIN, &mut out, &mut |done| {
        told.push(done)
    })
    .expect("memory takes everything");
    assert_eq!(told.last(), Some(&senders.len()));
    assert!(told.is_sorted_by(|a, b| a < b), "{told:?}");
    out
}

/// Takes some bytes and then no more.
struct Closed(usize);

impl Write for Closed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_more_is_computed_for_who_has_seen_enough() {
    let options = synth::Options {
        shape: Shape::Ring,
        sites: 300,
        seed: 1,
    };
    let document = synth::generate(options).expect("within the limits");
    let org = resolve(&document, NameOrder::default()).expect("no problem");
    let graphs = Graphs::new(&org);
    let (message, down) = (Message::default(), FailureSet::default());
    let view = View::new(&org, &graphs, Options::default(), &message, &down);
    let senders: Vec<Sender> = org.routers().filter_map(|node| Sender::node(&org, node)).collect();
    let query = RoutesQuery {
        senders: &senders,
        named: &[],
        to: &[],
    };
    for format in [
        RoutesFormat::JsonLines,
        RoutesFormat::Json,
        RoutesFormat::Csv,
        RoutesFormat::Text,
    ] {
        let mut told = 0;
        let written = write_routes(&view, query, format, Palette::PLAIN, &mut Closed(300), &mut |done| {
            told = done
        });
        assert_eq!(written.map_err(|error| error.kind()), Err(io::ErrorKind::BrokenPipe));
        assert_eq!(told, 0, "{format:?}: what was computed at first is too much already");
    }
}

#[test]
fn json_lines_are_the_records_of_the_contract() {
    let mut expected = Vec::new();
    let written = both(RoutesFormat::JsonLines, |org, sender, server, to, plan| {
        let record = RouteRecord::new(org, sender.node, to, plan).of_server(org, server);
        serde_json::to_writer(&mut expected, &record).expect("memory takes everything");
        expected.push(b'\n');
    });
    assert_eq!(String::from_utf8(written), String::from_utf8(expected));
}

#[test]
fn rows_are_those_of_the_csv_library() {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let header = "from,to,outcome,routing_group_cost,site_cost,hops,path,links,next_hop,relay,backoff,decided_by,ambiguous,server";
    writer.write_record(header.split(',')).expect("memory takes everything");
    let written = both(RoutesFormat::Csv, |org, sender, server, to, plan| {
        let mut cells = plan.map_or_else(|| vec![String::new(); 13], |plan| cells(org, plan));
        cells[0] = node_argument(org, sender.node);
        cells[1] = node_argument(org, to);
        cells[2] = plan.map_or("unreachable", |_| "route").to_owned();
        cells.push(server.map_or_else(String::new, |server| org.servers()[server].name.to_string()));
        let guarded = cells.iter().map(|cell| {
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            format!("{}{}", if formula { "'" } else { "" }, escaped(cell))
        });
        writer.write_record(guarded).expect("memory takes everything");
    });
    let expected = writer.into_inner().expect("memory takes everything");
    assert_eq!(String::from_utf8(written), String::from_utf8(expected));
}

/// A node as the command line takes it.
fn node_argument(org: &Organization, node: Node) -> String {
    match node {
        Node::Site(_) => format!("site:{}", org.node_name(node)),
        Node::RoutingGroup(_) => format!("rg:{}", org.node_name(node)),
    }
}

fn cells(org: &Organization, plan: &Plan) -> Vec<String> {
    let path: Vec<String> = plan.path.iter().map(|node| node_argument(org, *node)).collect();
    let links: Vec<&str> = plan.legs.iter().map(|leg| leg_name(org, *leg)).collect();
    let backoff = plan.backoff.iter().map(|site| node_argument(org, Node::Site(*site)));
    vec![
        String::new(),
        String::new(),
        String::new(),
        plan.routing_group_cost.to_string(),
        plan.site_cost.to_string(),
        plan.hops().to_string(),
        path.join(" > "),
        links.join("; "),
        node_argument(org, plan.next_hop),
        relay_word(plan.relay).to_owned(),
        backoff.collect::<Vec<_>>().join("; "),
        clause_word(plan.decided_by).to_owned(),
        plan.ambiguous.to_string(),
    ]
}
