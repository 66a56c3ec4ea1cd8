//! What `verify` says of loops that have settled is what mail does: every loop that must come is replayed, message by message.

use std::fs;
use std::path::{Path, PathBuf};

use bridgehead::diagnostic::Source;
use bridgehead::linkstate::{self, Conduct, Timers};
use bridgehead::load::{self, Format, Limits, organization};
use bridgehead::model::{
    Address, ClientKind, Entry, FateKind, Mailbox, MailboxHome, Message, Name, NameOrder, Node, Organization, Scenario,
    ScenarioEvent, ScenarioEventKind, ServerIdx, SimTime, Submission,
};
use bridgehead::route::{Graphs, Options};
use bridgehead::sim::{Actor, Bounds, Cause, Fates, Observer, Return, Sink, Stage, TraceEvent, What};
use bridgehead::synth;
use bridgehead::verify::{self, Certainty, Recipient, Router, Witness, World, life, verify};

/// Every topology of the repository that can be read.
fn topologies() -> Vec<(PathBuf, Organization)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder of the repository") {
            let path = entry.expect("an entry of a folder").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "ron") {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("topologies"), &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let source = Source::new("file.ron", fs::read_to_string(&path).ok()?.as_str());
        let org = organization(&source, Format::Ron, &Limits::default(), NameOrder::default()).ok()?;
        (!org.routing_groups().is_empty() && !org.is_plain()).then_some((path, org))
    };
    paths.into_iter().filter_map(read).collect()
}

/// Whether a server belongs to a router of a circle.
fn is_at(org: &Organization, server: ServerIdx, router: Router) -> bool {
    match router {
        Router::Group(group) => org.legacy_group(server) == Some(group),
        Router::Site(site, generation) => {
            org.transport_site(server) == Some(site) && org.servers()[server].version.generation() == generation
        }
    }
}

fn servers_at(org: &Organization, router: Router) -> Vec<ServerIdx> {
    let all = org.servers().iter_enumerated().map(|(server, _)| server);
    all.filter(|server| is_at(org, *server, router)).collect()
}

/// The organization with a mailbox where the witness has its recipient, and the recipient's address.
fn with_recipient(org: &Organization, recipient: &Recipient) -> Option<(Organization, Address)> {
    let server = match recipient {
        Recipient::AddressSpace { example, .. } => return Some((org.clone(), example.clone())),
        Recipient::Node(Node::RoutingGroup(group)) => *org.group_servers(*group).first()?,
        Recipient::Node(Node::Site(site)) => org.representative(*site)?,
    };
    let address = Address::parse("somebody@replay.invalid");
    let mut parts = org.parts().clone();
    parts.mailboxes.push(Mailbox {
        address: address.clone(),
        home: MailboxHome::Server(server),
        span: Default::default(),
    });
    Some((Organization::new(parts), address))
}

/// The message of a class, on its way to `to` from where the circle begins, two hours after the failures.
fn submission(message: &Message, to: Address, server: ServerIdx) -> Submission {
    Submission {
        id: Name::new("m1"),
        at: SimTime::from_secs(7200),
        from: message
            .sender
            .clone()
            .unwrap_or_else(|| Address::parse("anybody@replay.invalid")),
        to: vec![to],
        size: message.size,
        priority: message.priority,
        message_type: message.message_type,
        journal: false,
        entry: Entry::Client {
            kind: ClientKind::Smtp,
            server,
            receive_connector: None,
        },
        span: Default::default(),
    }
}

/// How often the message comes from the last router of the circle to the first.
fn laps(org: &Organization, witness: &Witness, trace: &[TraceEvent]) -> u32 {
    let (first, last) = (witness.circle[0], witness.circle[witness.circle.len() - 1]);
    let comes_round = |event: &&TraceEvent| match &event.what {
        What::Receive {
            server,
            from: Actor::Server(from),
            ..
        } => is_at(org, *server, first) && is_at(org, *from, last),
        _ => false,
    };
    u32::try_from(trace.iter().filter(comes_round).count()).expect("few laps")
}

fn replay(path: &Path, world: &World<'_>, found: &verify::Verification, witness: &Witness) {
    let class = &found.classes[witness.class];
    let Some((org, to)) = with_recipient(world.org, &found.recipients[witness.recipient]) else {
        return;
    };
    let server = servers_at(&org, witness.circle[0])[0];
    let all = world.beliefs.believable().all();
    let events = witness.failed.iter().map(|position| ScenarioEvent {
        at: SimTime::ZERO,
        what: ScenarioEventKind::ConnectorDown(all[*position as usize].0),
        span: Default::default(),
    });
    let scenario = Scenario {
        messages: vec![submission(&class.message(), to, server)].into(),
        events: events.collect(),
        ..Scenario::default()
    };
    // `verify` lets islands stay whole whatever fails.
    let timers = Timers {
        conduct: Conduct::Settled,
        ..Timers::default()
    };
    let stage = Stage::new(org, scenario, Options::default(), timers);
    let mut told = (Vec::new(), Observer::new(&stage));
    let run = stage.run(&Bounds::default(), &mut told);
    let (trace, observer) = told;
    let violations = observer.end(run).violations;
    assert!(violations.is_empty(), "{}: {violations:#?}", path.display());
    let mut fates = Fates::new(&stage);
    trace.iter().for_each(|event| fates.take(event));
    let fates = fates.fates();
    let what = format!("{}: {witness:?}\n{trace:#?}", path.display());
    assert_eq!(fates.len(), 1, "{what}");
    assert_eq!(fates[0].kind, FateKind::Ndr, "{what}");
    let Some(Cause::Returned(Return::Hops(code))) = fates[0].cause else {
        panic!("{what}")
    };
    let returned_by = trace.iter().find_map(|event| match &event.what {
        What::Fail { server, .. } => Some(*server),
        _ => None,
    });
    let ends = &life(world, witness).ends[0];
    let end = ends
        .iter()
        .find(|end| Some(end.server) == returned_by)
        .unwrap_or_else(|| panic!("{ends:?} {what}"));
    assert_eq!(end.report.code, code, "{what}");
    let lap = laps(stage.org(), witness, &trace) + 1;
    assert!((end.lap.0..=end.lap.1).contains(&lap), "lap {lap} of {end:?} {what}");
}

/// Replays the first loops of an organization that must come. Hours of the week are replayed elsewhere; where chance decides, mail
/// may get through.
fn replay_all(path: &Path, org: &Organization, failures_max: usize, most: usize) -> usize {
    let graphs = Graphs::new(org);
    let world = World::new(org, &graphs, Options::default(), linkstate::Options::default());
    let bounds = verify::Bounds {
        failures_max,
        ..verify::Bounds::default()
    };
    let found = verify(&world, bounds, &mut |_, _| {});
    let must = |witness: &&Witness| witness.certainty == Certainty::Must && found.classes[witness.class].at.is_none();
    let loops: Vec<&Witness> = found.witnesses.iter().filter(must).take(most).collect();
    loops.iter().for_each(|witness| replay(path, &world, &found, witness));
    loops.len()
}

#[test]
fn every_loop_that_must_come_is_laps_that_end_in_the_right_ndr() {
    let replayed: usize = topologies()
        .iter()
        .map(|(path, org)| replay_all(path, org, 2, usize::MAX))
        .sum();
    assert!(replayed >= 40, "only {replayed} loops were replayed");
}

#[test]
fn loops_of_generated_organizations_are_replayed_too() {
    let mut replayed = 0;
    for seed in 0..30 {
        let options = synth::Options {
            shape: synth::Shape::LegacyMesh,
            sites: 52,
            seed,
        };
        let document = synth::generate(options).expect("so many sites can be asked for");
        let org = load::resolve(&document, NameOrder::default()).expect("a generated organization is valid");
        replayed += replay_all(Path::new(&format!("legacy mesh of seed {seed}")), &org, 1, 5);
    }
    assert!(replayed >= 40, "only {replayed} loops were replayed");
}
