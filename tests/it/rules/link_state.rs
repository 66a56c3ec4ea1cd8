//! Link state as a process: the documented anchors, messages and exemptions (LS-1, LS-6), with literal times and versions.

use bridgehead::linkstate::{
    Conduct, ConnectorEntry, ConnectorState, GroupEntry, Happening, Input, MasterState, Member, Propagation,
    StateVersion, Table, Timers, What,
};
use bridgehead::model::{
    ConnectorIdx, ConnectorRef, FailureSet, GroupRef, Message, NodeKind, RoutingGroupConnectorIdx, RoutingGroupIdx,
    ServerIdx, SimTime, Version,
};
use bridgehead::route::{Options, View};

use crate::support::{Case, coexistence, org};

/// A process with names: `run.at(0, "fail K-L")`, `run.until(780)`, `run.believes("K")`.
pub(super) struct Run<'c> {
    pub(super) case: &'c Case,
    pub(super) state: Propagation<'c>,
}

impl<'c> Run<'c> {
    pub(super) fn new(case: &'c Case) -> Run<'c> {
        Run::with(case, Timers::default())
    }

    pub(super) fn with(case: &'c Case, timers: Timers) -> Run<'c> {
        let state = Propagation::new(&case.org, &case.graphs.combined, timers);
        Run { case, state }
    }

    pub(super) fn group(&self, name: &str) -> RoutingGroupIdx {
        match self.case.org.find(&format!("rg:{name}")) {
            Ok(NodeKind::RoutingGroup(group)) => group,
            other => panic!("{name}: {other:?}"),
        }
    }

    pub(super) fn server(&self, name: &str) -> ServerIdx {
        match self.case.org.find(&format!("server:{name}")) {
            Ok(NodeKind::Server(server)) => server,
            other => panic!("{name}: {other:?}"),
        }
    }

    pub(super) fn connector(&self, name: &str) -> ConnectorRef {
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
    pub(super) fn at(&mut self, seconds: u64, what: &str) -> &mut Self {
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

    pub(super) fn until(&mut self, seconds: u64) -> &mut Self {
        self.state.advance(SimTime::from_secs(seconds));
        self
    }

    fn names(&self, connectors: &[ConnectorRef]) -> String {
        let names: Vec<&str> = connectors.iter().map(|connector| self.name(*connector)).collect();
        names.join(" ")
    }

    /// `K-L K-M`: what a group takes to be down.
    pub(super) fn believes(&self, group: &str) -> String {
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
    pub(super) fn told(&self, word: &str) -> Vec<String> {
        let lines = self.state.timeline().iter().map(|happening| self.line(happening));
        lines.filter(|line| line.contains(word)).collect()
    }

    pub(super) fn table(&self, server: &str) -> &Table {
        let table = self.state.table(self.server(server));
        table.unwrap_or_else(|| panic!("{server} has no table"))
    }

    /// The version that a server's table has of a group.
    pub(super) fn version(&self, server: &str, group: &str) -> String {
        let entry = self.table(server).entry(GroupRef::Legacy(self.group(group)));
        entry.version.to_string()
    }

    /// The first connector from one group towards another, by what the first believes; and the cost of the way.
    pub(super) fn way(&self, from: &str, to: &str) -> (String, u64) {
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
pub(super) const TRIANGLE: [&str; 6] = ["K-L 1", "L-K 1", "K-M 1", "M-K 1", "L-M 1", "M-L 1"];

pub(super) fn legacy(connectors: &[&str]) -> Case {
    coexistence("site(A)", "", connectors, "")
}

#[test]
fn ls_6_17_lw1_seattle_goes_by_tokyo_while_london_is_down() {
    let case = legacy(&[
        "Seattle-London 10",
        "London-Seattle 10",
        "London-Brussels 10",
        "Brussels-London 10",
        "Seattle-Tokyo 30",
        "Tokyo-Seattle 30",
        "Tokyo-Brussels 30",
        "Brussels-Tokyo 30",
    ]);
    let mut run = Run::new(&case);
    assert_eq!(run.way("Seattle", "Brussels"), ("Seattle-London".to_owned(), 20));
    run.at(0, "stop BH-London").at(1000, "start BH-London").until(779);
    assert_eq!(run.believes("Seattle"), "", "the hold-down lasts 600 s");
    run.until(780);
    assert_eq!(run.believes("Seattle"), "Brussels-London Seattle-London");
    assert_eq!(run.way("Seattle", "Brussels"), ("Seattle-Tokyo".to_owned(), 60));
    assert_eq!(
        run.told("974"),
        ["0:13:00 Brussels logs 974", "0:13:00 Seattle logs 974"]
    );
    // The probe after the recovery is the one at 1020 s; then the hold-down again.
    run.until(1619);
    assert_eq!(run.way("Seattle", "Brussels").0, "Seattle-Tokyo");
    run.until(1620);
    assert_eq!(run.way("Seattle", "Brussels"), ("Seattle-London".to_owned(), 20));
    run.until(20_000);
    assert_eq!(
        run.told("Seattle believes"),
        [
            "0:13:00 Seattle believes Seattle-London",
            "0:13:00 Seattle believes Brussels-London Seattle-London",
            "0:27:00 Seattle believes Brussels-London",
            "0:27:00 Seattle believes",
        ]
    );
}

#[test]
fn ls_6_19_lw3_a_leaf_group_is_never_cut_off_by_link_state() {
    let spoke = [
        "Hub-Spoke 1",
        "Spoke-Hub 1",
        "Hub-K 1",
        "K-Hub 1",
        "Hub-L 1",
        "L-Hub 1",
        "K-L 1",
        "L-K 1",
    ];
    let case = legacy(&spoke);
    let mut run = Run::new(&case);
    run.at(0, "fail Hub-Spoke").until(7200);
    assert_eq!(run.told("logs"), ["0:03:00 Hub logs 994"]);
    assert_eq!(run.told("version"), Vec::<String>::new());
    assert_eq!(
        (run.version("BH-Hub", "Hub"), run.believes("Hub")),
        ("1.0.0".to_owned(), String::new())
    );
    let answer = case.from("rg:Hub").to("rg:Spoke").answer();
    assert_eq!(answer.links(), "Hub-Spoke", "no other way is looked for");
    let down = case.from("rg:Hub").to("rg:Spoke").down("connector:Hub-Spoke").answer();
    let waits = (down.outcome(), down.queued_at());
    assert_eq!(waits, ("queue", "rg:Hub".to_owned()), "the mail waits at the hub");

    let second: Vec<&str> = spoke.into_iter().chain(["K-Spoke 5"]).collect();
    let case = legacy(&second);
    let mut run = Run::new(&case);
    run.at(0, "fail Hub-Spoke").until(7200);
    assert_eq!(run.told("logs"), ["0:13:00 Hub logs 974"]);
    assert_eq!(run.told("version"), ["0:13:00 Hub version 1.1.0"]);
    for group in ["Hub", "Spoke", "K", "L"] {
        assert_eq!(run.believes(group), "Hub-Spoke", "{group}");
    }
}

#[test]
fn ls_6_20_major_comes_before_minor_before_user() {
    let version = StateVersion::new;
    assert!(version(0xa, 0, 0) > version(9, 0xff, 0xff));
    assert!(version(0xa, 1, 0) > version(0xa, 0, 0xff));
    assert!(version(0xa, 0, 1) > version(0xa, 0, 0));
    assert_eq!(version(10, 0, 0).to_string(), "a.0.0");
    assert_eq!(version(0x1f, 0xff, 16).to_string(), "1f.ff.10");
    assert_eq!(version(1, 2, 3).next_major(), version(2, 0, 0));
    assert_eq!(version(1, 2, 3).next_minor(), version(1, 3, 0));
    assert_eq!(version(1, 2, 3).next_user(), version(1, 2, 4));
}

/// A chain A, X, B whose middle suppresses state changes; A and B have ways besides, so that no group is a leaf.
fn suppressed_middle() -> Case {
    org(r#"
        servers: [
            (name: "BH-A", version: Exchange2003, routing_group: "A"),
            (name: "BH-A2", version: Exchange2003, routing_group: "A2"),
            (name: "BH-B", version: Exchange2003, routing_group: "B"),
            (name: "BH-X", version: Exchange2003, routing_group: "X", suppress_state_changes: true)],
        routing_groups: [(name: "A"), (name: "A2"), (name: "B"), (name: "X")],
        routing_group_connectors: [
            (name: "A-A2", from: "A", to: "A2"), (name: "A2-A", from: "A2", to: "A"), (name: "A-A2/2", from: "A", to: "A2"),
            (name: "A-X", from: "A", to: "X"), (name: "X-A", from: "X", to: "A"),
            (name: "X-B", from: "X", to: "B"), (name: "B-X", from: "B", to: "X"), (name: "X-B/2", from: "X", to: "B")],"#)
}

#[test]
fn ls_6_21_suppression_silences_a_server_about_its_own_connectors_only() {
    let case = suppressed_middle();
    let mut run = Run::new(&case);
    run.at(0, "fail X-B")
        .at(0, "fail A-A2")
        .at(1000, "change X-A")
        .until(7200);
    // m1 from X vanishes, though X goes on trying.
    assert!(run.told("BH-X X-B failed").len() > 100);
    // m2 and m3 pass through X all the same.
    for group in ["A", "X", "B"] {
        assert_eq!(run.believes(group), "A-A2", "{group}");
    }
    // So does the major version of its own group.
    assert_eq!(run.told("X version"), ["0:16:40 X version 2.0.0"]);
    assert_eq!(run.version("BH-A", "X"), "2.0.0");
    assert_eq!(run.told("B learns"), ["0:16:40 B learns X-A 1"]);
}

/// K with two servers, the first of which is the master; the second one is the bridgehead of everything.
pub(super) fn two_servers(master: &str, bridgehead: &str) -> Case {
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

#[test]
fn ls_6_22_without_its_master_a_group_freezes_and_elects_nobody() {
    let case = two_servers("K-MASTER", "K-BH");
    let mut run = Run::new(&case);
    run.at(0, "fail L-M").until(900);
    assert_eq!(run.believes("K"), "L-M");
    run.at(1000, "stop K-MASTER").until(1000);
    let before = run.table("K-BH").clone();
    // Neither what happens here nor what happens elsewhere arrives; nobody takes over.
    run.at(1100, "fail K-L")
        .at(1100, "recover L-M")
        .at(1100, "change K-M")
        .until(20_000);
    assert_eq!(
        (run.believes("K"), run.believes("L")),
        ("L-M".to_owned(), String::new())
    );
    assert_eq!(*run.table("K-BH"), before);
    assert_eq!(
        run.state.master(run.group("K")),
        MasterState::Lost(run.server("K-MASTER"))
    );
    // REBUILD: the members are asked, what waited is told at once, and what others know is heard.
    run.at(20_000, "start K-MASTER").until(20_000);
    assert_eq!(
        (run.believes("K"), run.believes("L"), run.believes("M")),
        ("K-L".into(), "K-L".into(), "K-L".into())
    );
    assert_eq!(run.told("K learns"), ["5:33:20 K learns K-M 1"]);
    assert_eq!(run.version("BH-L", "K"), "2.0.0");
}

#[test]
fn another_server_may_be_appointed_when_the_master_is_lost_or_gone() {
    let case = two_servers("K-MASTER", "K-BH");
    for (verb, entries) in [
        ("stop K-MASTER", vec![]),
        ("remove-master K", vec!["0:00:10 K logs 958"]),
    ] {
        let mut run = Run::new(&case);
        run.at(10, verb).at(20, "fail K-L").until(5000);
        assert_eq!(run.told("958"), entries, "{verb}");
        assert_eq!(run.believes("K"), "", "{verb}");
        run.at(5000, "appoint K BH-L").until(6000);
        assert_eq!(run.believes("K"), "", "{verb}: a server of another group can't be it");
        run.at(6000, "appoint K K-BH").until(6000);
        assert_eq!(
            (run.believes("K"), run.believes("M")),
            ("K-L".into(), "K-L".into()),
            "{verb}"
        );
        let entry = run.table("BH-M").entry(GroupRef::Legacy(run.group("K"))).clone();
        assert_eq!(
            (entry.master, entry.version),
            (Some(run.server("K-BH")), StateVersion::new(1, 1, 0))
        );
        let connected: Vec<bool> = entry.members.iter().map(|member| member.connected).collect();
        assert_eq!(connected, [true, verb != "stop K-MASTER"], "{verb}");
    }
    // In a file nobody is `master: ""`.
    let mut nobody = Run::new(&case);
    nobody.until(0);
    assert_eq!(nobody.told("958"), Vec::<String>::new());
    let case = org(r#"
        servers: [(name: "BH-K", version: Exchange2003, routing_group: "K")],
        routing_groups: [(name: "K", master: "")],"#);
    assert_eq!(Run::new(&case).told("logs"), ["0:00:00 K logs 958"]);
}

#[test]
fn a_master_alone_counts_on_from_what_others_remember_of_it() {
    let case = legacy(&TRIANGLE);
    let mut run = Run::new(&case);
    run.at(0, "fail K-L")
        .at(1000, "stop BH-K")
        .at(2000, "start BH-K")
        .until(1999);
    assert_eq!(run.version("BH-M", "K"), "1.1.0");
    assert!(run.believes("M").contains("K-L"));
    // It has forgotten that the connector is down and finds out anew; what it says at once replaces what M had.
    run.until(2000);
    assert_eq!(
        (run.version("BH-K", "K"), run.version("BH-M", "K")),
        ("1.1.1".into(), "1.1.1".into())
    );
    assert!(!run.believes("M").contains("K-L"), "{}", run.believes("M"));
    run.until(2780);
    assert_eq!((run.believes("K"), run.believes("M")), ("K-L".into(), "K-L".into()));
}

#[test]
fn ls_6_23_a_bridgehead_tries_at_0_60_120_180_and_then_every_60_seconds() {
    let case = legacy(&TRIANGLE);
    let mut run = Run::new(&case);
    run.at(0, "fail K-L").at(301, "recover K-L").until(3600);
    assert_eq!(
        run.told("BH-K K-L"),
        [
            "0:00:00 BH-K K-L failed",
            "0:01:00 BH-K K-L failed",
            "0:02:00 BH-K K-L failed",
            "0:03:00 BH-K K-L failed",
            "0:04:00 BH-K K-L failed",
            "0:05:00 BH-K K-L failed",
            "0:06:00 BH-K K-L reached",
        ]
    );
    assert_eq!(
        run.told("believes"),
        Vec::<String>::new(),
        "down and up within the hold-down"
    );
}

#[test]
fn ls_6_24_legacy_learns_what_changes_in_the_2007_group_within_an_hour_or_when_its_master_restarts() {
    let case = coexistence(
        "site(A)",
        "HUB=2007Sp1@A",
        &["E-K 1 HUB", "K-E 1 HUB", "K-L 1", "L-K 1"],
        "",
    );
    let mut run = Run::new(&case);
    run.at(100, "change E-K")
        .at(1000, "stop BH-K")
        .at(1000, "start BH-K")
        .until(10_000);
    assert_eq!(run.told("learns"), ["0:16:40 K learns E-K 1", "1:00:00 L learns E-K 1"]);
    // Just after a look it takes the whole hour.
    run.at(10_801, "change E-K").until(20_000);
    assert_eq!(run.told("L learns E-K 2"), ["4:00:00 L learns E-K 2"]);
    assert_eq!(
        run.told("K learns E-K 2"),
        ["3:16:40 K learns E-K 2"],
        "since its restart"
    );
}

/// A table with every field in use.
fn some_table() -> Table {
    let server = ServerIdx::from_usize;
    let connector = |index| ConnectorRef::RoutingGroup(RoutingGroupConnectorIdx::from_usize(index));
    let entry = |connector| ConnectorEntry {
        connector,
        revision: 0,
        state: ConnectorState::Up,
    };
    let group = |connectors: Vec<ConnectorEntry>| GroupEntry {
        master: Some(server(0)),
        version: StateVersion::new(1, 1, 1),
        members: vec![Member {
            server: server(0),
            version: Version::Exchange2003,
            connected: true,
        }],
        connectors,
    };
    let last = group(vec![entry(ConnectorRef::External(ConnectorIdx::from_usize(3)))]);
    Table::new(
        [group(vec![entry(connector(0)), entry(connector(1))]), group(vec![])],
        last,
    )
}

#[test]
fn ls_6_30_digests_are_equal_exactly_for_equal_tables() {
    type Change = fn(&mut GroupEntry);
    let changes: [(&str, Change); 12] = [
        ("master", |entry| entry.master = None),
        ("another master", |entry| entry.master = Some(ServerIdx::from_usize(7))),
        ("major", |entry| entry.version.major += 1),
        ("minor", |entry| entry.version.minor += 1),
        ("user", |entry| entry.version.user += 1),
        ("member", |entry| entry.members[0].server = ServerIdx::from_usize(5)),
        ("member's version", |entry| {
            entry.members[0].version = Version::Exchange2000
        }),
        ("member's connection", |entry| entry.members[0].connected = false),
        ("one member less", |entry| entry.members.clear()),
        ("state", |entry| entry.connectors[0].state = ConnectorState::Down),
        ("revision", |entry| entry.connectors[0].revision = 1),
        ("one connector less", |entry| {
            entry.connectors.pop();
        }),
    ];
    let whole = some_table();
    assert_eq!(whole.digest(), some_table().digest());
    let mut seen = vec![whole.clone()];
    for group in [GroupRef::Legacy(RoutingGroupIdx::from_usize(0)), GroupRef::Exchange2007] {
        for (what, change) in &changes {
            let mut table = whole.clone();
            change(table.entry_mut(group));
            assert_ne!(table, whole, "{what}");
            seen.push(table);
        }
    }
    // The same connector as the other kind, and moved to the next group.
    let mut kind = whole.clone();
    kind.entry_mut(GroupRef::Exchange2007).connectors[0].connector =
        ConnectorRef::RoutingGroup(RoutingGroupConnectorIdx::from_usize(3));
    let mut moved = whole.clone();
    let last = moved
        .entry_mut(GroupRef::Legacy(RoutingGroupIdx::from_usize(0)))
        .connectors
        .pop();
    moved
        .entry_mut(GroupRef::Legacy(RoutingGroupIdx::from_usize(1)))
        .connectors
        .extend(last);
    seen.extend([kind, moved]);
    for (at, one) in seen.iter().enumerate() {
        for (other_at, other) in seen.iter().enumerate() {
            assert_eq!(one == other, at == other_at, "{at} {other_at}");
            assert_eq!(one.digest() == other.digest(), at == other_at, "{at} {other_at}");
        }
    }
}

#[test]
fn ls_1_3_a_table_takes_the_entries_that_are_strictly_newer() {
    let (mut own, mut remote) = (some_table(), some_table());
    let group = |index| GroupRef::Legacy(RoutingGroupIdx::from_usize(index));
    remote.entry_mut(group(0)).connectors[0].state = ConnectorState::Down;
    assert_eq!(own.merge(&remote), [], "equal versions: nothing, whatever they say");
    remote.entry_mut(group(0)).version = StateVersion::new(1, 2, 0);
    remote.entry_mut(group(1)).version = StateVersion::new(1, 0, 9);
    own.entry_mut(group(0)).connectors[1].revision = 4;
    assert_eq!(own.merge(&remote), [group(0)]);
    assert_eq!(own.entry(group(0)).version.to_string(), "1.2.0");
    assert_eq!(
        own.down(),
        [ConnectorRef::RoutingGroup(RoutingGroupConnectorIdx::from_usize(0))]
    );
    assert_eq!(
        own.entry(group(0)).connectors[1].revision,
        4,
        "what the directory said later stays"
    );
    assert_eq!(own.entry(group(1)).version.to_string(), "1.1.1");
}

#[test]
fn ls_m1_m2_m3_carry_a_state_from_the_bridgehead_over_the_master_to_the_next_group() {
    let case = two_servers("K-MASTER", "K-BH");
    let timers = Timers {
        within_group: std::time::Duration::from_secs(2),
        on_session: Some(std::time::Duration::from_secs(30)),
        ..Timers::default()
    };
    let mut run = Run::with(&case, timers);
    run.at(0, "fail K-L");
    // m1 takes 2 s to the master, who waits 600 s.
    run.until(781);
    assert_eq!(run.believes("K"), "");
    run.until(782);
    assert_eq!(
        (run.believes("K"), run.version("K-MASTER", "K")),
        ("K-L".into(), "1.1.0".into())
    );
    // m2: the member has the whole table 2 s later.
    assert_eq!(run.version("K-BH", "K"), "1.0.0");
    run.until(784);
    assert_eq!(run.table("K-BH"), run.table("K-MASTER"));
    // m3: with the session that its bridgehead opens 30 s later.
    run.until(813);
    assert_eq!(run.believes("M"), "");
    run.until(814);
    assert_eq!((run.believes("L"), run.believes("M")), ("K-L".into(), "K-L".into()));
    assert_eq!(run.table("BH-M").digest(), run.table("K-MASTER").digest());
}

#[test]
fn ls_m3_mail_opens_the_session_when_nothing_else_does() {
    let case = legacy(&TRIANGLE);
    let timers = Timers {
        on_session: None,
        ..Timers::default()
    };
    let mut run = Run::with(&case, timers);
    run.at(0, "fail K-L")
        .at(2000, "session K-M")
        .at(3000, "session K-L")
        .until(1999);
    assert_eq!((run.believes("K"), run.believes("M")), ("K-L".into(), String::new()));
    run.until(2000);
    assert_eq!((run.believes("M"), run.believes("L")), ("K-L".into(), String::new()));
    run.until(4000);
    assert_eq!(run.believes("L"), "", "the connector that has failed carries nothing");
    run.at(4000, "session L-M").until(4000);
    assert_eq!(run.believes("L"), "K-L");
}

#[test]
fn ls_m4_a_master_hears_of_its_own_group_at_once_and_of_others_when_it_looks() {
    // Two islands, joined through the 2007 group only.
    let case = coexistence(
        "site(A)",
        "HUB=2007Sp1@A",
        &["E-K 1 HUB", "K-E 1 HUB", "E-L 1 HUB", "L-E 1 HUB", "K-M 1", "M-K 1"],
        "",
    );
    let mut run = Run::new(&case);
    run.at(600, "change K-M").until(7200);
    assert_eq!(run.told("version"), ["0:10:00 K version 2.0.0"]);
    assert_eq!(
        run.told("learns"),
        [
            "0:10:00 K learns K-M 1",
            "0:10:00 M learns K-M 1",
            "1:00:00 L learns K-M 1"
        ]
    );
    assert_eq!(run.version("BH-L", "K"), "1.0.0", "the version never crosses");
}

#[test]
fn ls_m5_a_server_reads_the_directory_when_it_starts_and_then_what_its_master_has() {
    let case = two_servers("K-MASTER", "K-BH");
    let timers = Timers {
        within_group: std::time::Duration::from_secs(1),
        on_session: Some(std::time::Duration::from_secs(5)),
        ..Timers::default()
    };
    let mut run = Run::with(&case, timers);
    run.at(0, "fail L-M").at(1000, "stop K-BH").until(999);
    assert_eq!(run.version("K-MASTER", "L"), "1.1.0");
    run.until(1000);
    assert_eq!(run.state.table(run.server("K-BH")), None);
    run.at(1100, "start K-BH").until(1100);
    assert_eq!(
        (run.version("K-BH", "L"), run.table("K-BH").down().len()),
        ("0.0.0".into(), 0)
    );
    run.until(1102);
    assert_eq!(
        (run.version("K-BH", "L"), run.table("K-BH").down().len()),
        ("1.1.0".into(), 1)
    );
    assert_eq!(run.table("K-BH"), run.table("K-MASTER"));
    // Gone and back: two user versions of its group.
    assert_eq!(
        run.told("K version"),
        ["0:16:41 K version 1.0.1", "0:18:21 K version 1.0.2"]
    );
    // Alone it has the directory and nothing else.
    run.at(2000, "stop K-MASTER")
        .at(2100, "stop K-BH")
        .at(2200, "start K-BH")
        .until(2199);
    assert_eq!(run.believes("K"), "L-M");
    run.until(4000);
    assert_eq!(run.believes("K"), "");
    assert_eq!(run.version("K-BH", "L"), "0.0.0");
}

#[test]
fn a_group_of_5_5_servers_knows_its_own_failed_connectors_and_servers_of_2007_have_no_table() {
    let case = |only: bool| {
        org(&format!(
            r#"sites: [(name: "A")],
            servers: [
                (name: "BH-K", version: Exchange2003, routing_group: "K"),
                (name: "BH-L", version: Exchange2003, routing_group: "L"),
                (name: "HUB", version: Exchange2010Sp3, site: "A"),
                (name: "OLD", version: Exchange55, routing_group: "O", least_cost_only: {only})],
            routing_groups: [(name: "K"), (name: "L"), (name: "O")],
            routing_group_connectors: [
                (name: "K-L", from: "K", to: "L"), (name: "K-L/2", from: "K", to: "L"), (name: "L-K", from: "L", to: "K"),
                (name: "K-O", from: "K", to: "O"), (name: "O-K", from: "O", to: "K"), (name: "O-L", from: "O", to: "L")],"#
        ))
    };
    for (only, own) in [(false, "O-L"), (true, "")] {
        let case = case(only);
        let mut run = Run::new(&case);
        run.at(0, "fail O-L").at(0, "fail K-L").until(3600);
        let beliefs = [run.believes("O"), run.believes("K"), run.believes("L")];
        assert_eq!(beliefs, [own, "K-L", "K-L"], "least_cost_only: {only}");
        for server in ["OLD", "HUB"] {
            assert_eq!(run.state.table(run.server(server)), None, "{server}");
        }
        assert_eq!(run.state.master(run.group("O")), MasterState::NoTables);
        assert_eq!(run.told("logs"), ["0:13:00 K logs 974"]);
    }
}

#[test]
fn a_bridgehead_that_stops_counts_as_one_that_has_failed() {
    let case = |sources: &str| {
        org(&format!(
            r#"servers: [
                (name: "K1", version: Exchange2003, routing_group: "K"),
                (name: "K2", version: Exchange2003, routing_group: "K"),
                (name: "K3", version: Exchange2003, routing_group: "K"),
                (name: "BH-L", version: Exchange2003, routing_group: "L")],
            routing_groups: [(name: "K", master: "K1"), (name: "L")],
            routing_group_connectors: [
                (name: "K-L", from: "K", to: "L", source_servers: {sources}),
                (name: "K-L/2", from: "K", to: "L", source_servers: ["K1"]), (name: "L-K", from: "L", to: "K")],"#
        ))
    };
    let alone = case(r#"["K2"]"#);
    let mut run = Run::new(&alone);
    run.at(0, "stop K2").until(3600);
    assert_eq!(
        run.told("believes"),
        ["0:10:00 K believes K-L", "0:10:00 L believes K-L"]
    );
    // With a second one the connector is up until that has failed as well.
    let two = case(r#"["K2", "K3"]"#);
    let mut run = Run::new(&two);
    run.at(0, "stop K2").until(3600);
    assert_eq!(run.believes("K"), "");
    run.at(3600, "fail K-L").until(7200);
    assert_eq!(
        run.told("believes"),
        ["1:13:00 K believes K-L", "1:13:00 L believes K-L"]
    );
    run.at(7200, "recover K-L").until(10_000);
    assert_eq!(run.believes("K"), "", "one that works is enough");
}

#[test]
fn link_state_does_not_pass_a_blocked_port_a_5_5_bridgehead_or_a_group_without_master() {
    let case = |middle: &str, group: &str| {
        org(&format!(
            r#"servers: [
                (name: "BH-K", version: Exchange2003, routing_group: "K"),
                (name: "BH-L", version: Exchange2003, routing_group: "L"),
                (name: "BH-M", {middle}, routing_group: "M")],
            routing_groups: [(name: "K"), (name: "L"), (name: "M"{group})],
            routing_group_connectors: [
                (name: "K-M", from: "K", to: "M"), (name: "K-M/2", from: "K", to: "M"), (name: "M-K", from: "M", to: "K"),
                (name: "M-L", from: "M", to: "L"), (name: "L-M", from: "L", to: "M"), (name: "L-M/2", from: "L", to: "M")],"#
        ))
    };
    let settled = Timers {
        conduct: Conduct::Settled,
        ..Timers::default()
    };
    for (why, middle, group, middle_hears, end_hears, end_settles) in [
        ("2003", "version: Exchange2003", "", "K-M", "K-M", "K-M"),
        (
            "blocked",
            "version: Exchange2003, link_state_blocked: true",
            "",
            "",
            "",
            "",
        ),
        ("5.5", "version: Exchange55", "", "", "", ""),
        ("no master", "version: Exchange2003", r#", master: """#, "", "", "K-M"),
        ("stale", "version: Exchange2003", ", stale: true", "", "", "K-M"),
    ] {
        let case = case(middle, group);
        let mut run = Run::new(&case);
        run.at(0, "fail K-M").until(7200);
        let heard = (run.believes("M"), run.believes("L"));
        assert_eq!(heard, (middle_hears.into(), end_hears.into()), "{why}");
        let mut run = Run::with(&case, settled.clone());
        run.at(0, "fail K-M").until(7200);
        let heard = (run.believes("M"), run.believes("L"));
        assert_eq!(heard, (middle_hears.into(), end_settles.into()), "{why}, settled");
    }
}
