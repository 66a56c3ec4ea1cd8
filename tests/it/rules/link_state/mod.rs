//! Link state as a process: the documented anchors, messages and exemptions (LS-1, LS-6), with literal times and versions.

mod examples;
mod instants;
mod law;
mod masters;
mod messages;
mod questions;
mod tables;

use bridgehead::linkstate::{Happening, Input, Propagation, Table, Timers, What};
use bridgehead::model::{ConnectorRef, FailureSet, GroupRef, Message, NodeKind, RoutingGroupIdx, ServerIdx, SimTime};
use bridgehead::route::{Options, View};

use crate::support::{Case, coexistence, org};

/// A process with names: `run.at(0, "fail K-L")`, `run.until(780)`, `run.believes("K")`.
struct Run<'c> {
    case: &'c Case,
    state: Propagation<'c>,
}

impl<'c> Run<'c> {
    fn new(case: &'c Case) -> Run<'c> {
        Run::with(case, Timers::default())
    }

    fn with(case: &'c Case, timers: Timers) -> Run<'c> {
        let state = Propagation::new(&case.org, &case.graphs.combined, timers);
        Run { case, state }
    }

    fn group(&self, name: &str) -> RoutingGroupIdx {
        match self.case.org.find(&format!("rg:{name}")) {
            Ok(NodeKind::RoutingGroup(group)) => group,
            other => panic!("{name}: {other:?}"),
        }
    }

    fn server(&self, name: &str) -> ServerIdx {
        match self.case.org.find(&format!("server:{name}")) {
            Ok(NodeKind::Server(server)) => server,
            other => panic!("{name}: {other:?}"),
        }
    }

    fn connector(&self, name: &str) -> ConnectorRef {
        let found = self.case.org.connectors_of_both_kinds();
        let mut found = found.into_iter().filter(|connector| self.name(*connector) == name);
        found.next().unwrap_or_else(|| panic!("no connector {name}"))
    }

    fn name(&self, connector: ConnectorRef) -> &'c str {
        match connector {
            ConnectorRef::RoutingGroup(index) => self.case.org.routing_group_connectors()[index].name.as_str(),
            ConnectorRef::External(index) => self.case.org.connectors()[index].name.as_str(),
        }
    }

    fn group_name(&self, group: RoutingGroupIdx) -> &'c str {
        self.case.org.routing_groups()[group].name.as_str()
    }

    /// Lets something happen `seconds` after the beginning.
    fn at(&mut self, seconds: u64, what: &str) -> &mut Self {
        let (verb, rest) = what.split_once(' ').expect("`fail K-L`");
        let input = match verb {
            "fail" => Input::ConnectorFails(self.connector(rest)),
            "recover" => Input::ConnectorRecovers(self.connector(rest)),
            "stop" => Input::ServerStops(self.server(rest)),
            "start" => Input::ServerStarts(self.server(rest)),
            "change" => Input::ConfigurationChanges(self.connector(rest)),
            "remove-master" => Input::MasterRemoved(self.group(rest)),
            "appoint" => {
                let (group, server) = rest.split_once(' ').expect("`appoint K BH-K`");
                Input::MasterAppointed(self.group(group), self.server(server))
            }
            "session" => match self.connector(rest) {
                ConnectorRef::RoutingGroup(index) => Input::Session(index),
                ConnectorRef::External(_) => panic!("{rest} leads outside"),
            },
            _ => panic!("no such thing: {what}"),
        };
        self.state.schedule(SimTime::from_secs(seconds), input);
        self
    }

    fn until(&mut self, seconds: u64) -> &mut Self {
        self.state.advance(SimTime::from_secs(seconds));
        self
    }

    fn names(&self, connectors: &[ConnectorRef]) -> String {
        let names: Vec<&str> = connectors.iter().map(|connector| self.name(*connector)).collect();
        names.join(" ")
    }

    /// `K-L K-M`: what a group takes to be down.
    fn believes(&self, group: &str) -> String {
        self.names(self.state.believed_down(self.group(group)))
    }

    fn line(&self, happening: &Happening) -> String {
        let text = match &happening.what {
            What::Believes { group, down } => format!("{} believes {}", self.group_name(*group), self.names(down)),
            What::Learns {
                group,
                connector,
                revision,
            } => format!(
                "{} learns {} {revision}",
                self.group_name(*group),
                self.name(*connector)
            ),
            What::Attempt {
                connector,
                server,
                reached,
            } => {
                let answer = if *reached { "reached" } else { "failed" };
                let server = &self.case.org.servers()[*server].name;
                format!("{server} {} {answer}", self.name(*connector))
            }
            What::Version { group, version } => format!("{} version {version}", self.group_name(*group)),
            What::Logged { group, event } => format!("{} logs {}", self.group_name(*group), event.number()),
        };
        format!("{} {text}", happening.at).trim_end().to_owned()
    }

    /// What has been told that contains `word`: `0:13:00 K believes K-L`.
    fn told(&self, word: &str) -> Vec<String> {
        let lines = self.state.timeline().iter().map(|happening| self.line(happening));
        lines.filter(|line| line.contains(word)).collect()
    }

    fn table(&self, server: &str) -> &Table {
        let table = self.state.table(self.server(server));
        table.unwrap_or_else(|| panic!("{server} has no table"))
    }

    /// The version that a server's table has of a group.
    fn version(&self, server: &str, group: &str) -> String {
        let entry = self.table(server).entry(GroupRef::Legacy(self.group(group)));
        entry.version.to_string()
    }

    /// The first connector from one group towards another, by what the first believes; and the cost of the way.
    fn way(&self, from: &str, to: &str) -> (String, u64) {
        let mut down = FailureSet::default();
        for connector in self.state.believed_down(self.group(from)) {
            match connector {
                ConnectorRef::RoutingGroup(index) => down.routing_group_connectors.push(*index),
                ConnectorRef::External(index) => down.connectors.push(*index),
            }
        }
        let message = Message::default();
        let view = View::new(&self.case.org, &self.case.graphs, Options::default(), &message, &down);
        let sender = self.case.sender(&format!("rg:{from}"));
        let to = bridgehead::model::Node::RoutingGroup(self.group(to));
        let plan = view.plan(sender, to).expect("there is a way");
        let bridgehead::route::Leg::Connector(first) = plan.legs[0] else {
            panic!("{:?}", plan.legs)
        };
        (
            self.name(ConnectorRef::RoutingGroup(first)).to_owned(),
            plan.routing_group_cost,
        )
    }
}

/// Two groups with two connectors each way to a third: no leaf anywhere.
const TRIANGLE: [&str; 6] = ["K-L 1", "L-K 1", "K-M 1", "M-K 1", "L-M 1", "M-L 1"];

fn legacy(connectors: &[&str]) -> Case {
    coexistence("site(A)", "", connectors, "")
}

/// K with two servers, the first of which is the master; the second one is the bridgehead of everything.
fn two_servers(master: &str, bridgehead: &str) -> Case {
    org(&format!(
        r#"servers: [
            (name: "{bridgehead}", version: Exchange2003, routing_group: "K"),
            (name: "{master}", version: Exchange2003, routing_group: "K"),
            (name: "BH-L", version: Exchange2003, routing_group: "L"),
            (name: "BH-M", version: Exchange2003, routing_group: "M")],
        routing_groups: [(name: "K", master: "{master}"), (name: "L"), (name: "M")],
        routing_group_connectors: [
            (name: "K-L", from: "K", to: "L", source_servers: ["{bridgehead}"]),
            (name: "K-M", from: "K", to: "M", source_servers: ["{bridgehead}"]),
            (name: "L-K", from: "L", to: "K", target_servers: ["{bridgehead}"]),
            (name: "M-K", from: "M", to: "K", target_servers: ["{bridgehead}"]),
            (name: "L-M", from: "L", to: "M"), (name: "M-L", from: "M", to: "L")],"#
    ))
}
