//! Scenarios by chance: messages of every kind, faults of every kind, and then everything is healed.

use std::time::Duration;

use bridgehead::model::{
    Address, ClientKind, ConnectorIdx, ConnectorRef, Cut, DatabaseIdx, Delay, Edit, Entry, GroupIdx, MailboxIdx, Name,
    Organization, Peer, PeerIdx, Place, ReceiveConnectorIdx, RoutingGroupConnectorIdx, Scenario, ScenarioEvent,
    ScenarioEventKind as Kind, ServerIdx, SimTime, SiteIdx, SiteLinkIdx, Submission, TransportDatabase,
};

use super::dice::Dice;

/// Faults happen until here.
const FAULTS_UNTIL: u64 = 12 * 3600;
/// Everything is healed at one of these instants: soon, or when mail has expired and servers have long taken over.
const HEALED_AT: [u64; 4] = [12 * 3600, 12 * 3600, 20 * 3600, 60 * 3600];
/// Messages enter until here.
const SENT_UNTIL: u64 = 10 * 3600;

pub(super) fn scenario(seed: u64, org: &Organization) -> Scenario {
    let mut scenario = Scenario::default();
    // Long enough for mail to expire after everything is healed, and for Safety Nets to be emptied.
    scenario.settings.until = Duration::from_secs(8 * 86_400);
    let dice = &mut Dice::of(seed, "peers");
    // Most senders wait like this; one that tries every minute makes thousands of copies where nobody answers in its time.
    scenario.settings.sender_retry_interval = Duration::from_secs(dice.pick(&[900, 900, 3600]));
    scenario.peers.push(Peer {
        name: Name::new("relay.example"),
        shadow: dice.percent(40),
        ack_timeout: dice.pick(&[None, Some(Duration::from_secs(20)), Some(Duration::from_secs(60))]),
        span: Default::default(),
    });
    let servers: Vec<ServerIdx> = org.servers().iter_enumerated().map(|(at, _)| at).collect();
    if dice.percent(30) {
        scenario.delays.push(Delay {
            from: Place::Server(dice.pick(&servers)),
            to: Place::Server(dice.pick(&servers)),
            delay: Duration::from_secs(dice.between(0, 90)),
        });
    }
    if dice.percent(30) {
        // Slower than some peers wait.
        scenario.delays.push(Delay {
            from: Place::Peer(PeerIdx::from_usize(0)),
            to: Place::Server(dice.pick(&servers)),
            delay: Duration::from_secs(dice.between(10, 70)),
        });
    }
    settings(&mut Dice::of(seed, "settings"), &mut scenario);
    if scenario.peers[PeerIdx::from_usize(0)].ack_timeout.is_some() {
        // Who never waits long enough makes a copy with every try, and where nobody takes that each is tried again and again.
        let retry = &mut scenario.settings.sender_retry_interval;
        *retry = retry.saturating_mul(6);
    }
    slow(&mut Dice::of(seed, "slow"), &servers, &mut scenario);
    messages(&mut Dice::of(seed, "messages"), org, &mut scenario);
    let dice = &mut Dice::of(seed, "sizes");
    for message in &mut scenario.messages {
        let kilobytes = dice.pick(&[None, Some(10), Some(700), Some(4000)]);
        message.size = kilobytes.map(|kilobytes: u64| kilobytes * 1024);
        message.journal = dice.percent(10);
    }
    let mut faults = Faults::new(org);
    faults.sent_at = scenario.messages.iter().map(|message| message.at.ms() / 1000).collect();
    let dice = &mut Dice::of(seed, "faults");
    for _ in 0..dice.between(0, 9) {
        faults.another(dice);
    }
    faults.now = dice.pick(&HEALED_AT);
    faults.heal();
    scenario.events = faults.events;
    scenario.events.sort_by_key(|event| event.at);
    scenario
}

/// What the documents leave open or have to be turned on.
fn settings(dice: &mut Dice, scenario: &mut Scenario) {
    let settings = &mut scenario.settings;
    settings.shadow_redundancy_promotion = dice.percent(20);
    settings.commit_after_shadow = dice.percent(10);
    settings.reshadow_on_promotion = dice.percent(10);
    settings.expiry_restarts_at_promotion = dice.percent(5);
    settings.partners_by_name = dice.percent(20);
    settings.retries_follow_first_try = dice.percent(10);
    settings.discards_survive_restart = dice.percent(20);
    if dice.percent(20) {
        settings.hub_reroutes = dice.pick(&[0, 1, 5]);
    }
    if dice.percent(15) {
        let after = dice.pick(&[120, 900, 7200]);
        settings.submission_owner_timeout = Some(Duration::from_secs(after));
    }
    if dice.percent(15) {
        settings.safety_net_broadcast_after = Duration::from_secs(dice.pick(&[3600, 24 * 3600]));
    }
}

/// Hand-overs that last longer than sessions may (S38–S43, T16–T18).
fn slow(dice: &mut Dice, servers: &[ServerIdx], scenario: &mut Scenario) {
    if dice.percent(15) {
        let delay = dice.pick(&[25, 65, 310, 610, 900]);
        scenario.delays.push(Delay {
            from: Place::Server(dice.pick(servers)),
            to: Place::Server(dice.pick(servers)),
            delay: Duration::from_secs(delay),
        });
    }
    if dice.percent(15) {
        let delay = dice.pick(&[25, 65, 310, 610]);
        scenario.delays.push(Delay {
            from: Place::Peer(PeerIdx::from_usize(0)),
            to: Place::Server(dice.pick(servers)),
            delay: Duration::from_secs(delay),
        });
    }
}

fn messages(dice: &mut Dice, org: &Organization, scenario: &mut Scenario) {
    let mailboxes: Vec<MailboxIdx> = org.mailboxes().iter_enumerated().map(|(at, _)| at).collect();
    let mut recipients: Vec<Address> = org.mailboxes().iter().map(|mailbox| mailbox.address.clone()).collect();
    recipients.extend(org.groups().iter().map(|group| group.address.clone()));
    for outside in ["a@far.example", "b@partner.example", "nobody@x.example"] {
        recipients.push(Address::parse(outside));
    }
    let transport: Vec<ServerIdx> = org
        .servers()
        .iter_enumerated()
        .map(|(at, _)| at)
        .filter(|at| org.transport_site(*at).is_some())
        .collect();
    let edges = org.edge_subscriptions().iter().map(|subscription| subscription.edge);
    let edges: Vec<ServerIdx> = edges.collect();
    let mut instants: Vec<u64> = (0..dice.between(2, 14))
        .map(|_| match dice.percent(50) {
            // Some close together, and at the instants of faults.
            true => dice.between(0, SENT_UNTIL / 900) * 900,
            false => dice.between(0, SENT_UNTIL),
        })
        .collect();
    instants.sort_unstable();
    for (at, instant) in instants.into_iter().enumerate() {
        let mailbox = dice.pick(&mailboxes);
        let (from, entry) = match dice.between(0, 9) {
            _ if transport.is_empty() => (org.mailboxes()[mailbox].address.clone(), Entry::Mapi { mailbox }),
            0..=5 => (org.mailboxes()[mailbox].address.clone(), Entry::Mapi { mailbox }),
            6..=7 => {
                let server = dice.pick(&transport);
                let entry = Entry::Client {
                    kind: dice.pick(&[ClientKind::Smtp, ClientKind::Um]),
                    server,
                    receive_connector: connector_of(dice, org, server),
                };
                (org.mailboxes()[mailbox].address.clone(), entry)
            }
            _ => {
                // Where there are Edge servers, mail from outside comes through them as a rule.
                let server = match !edges.is_empty() && dice.percent(80) {
                    true => dice.pick(&edges),
                    false => dice.pick(&transport),
                };
                let entry = Entry::Peer {
                    peer: PeerIdx::from_usize(0),
                    server,
                    receive_connector: connector_of(dice, org, server),
                };
                (Address::parse("someone@far.example"), entry)
            }
        };
        scenario.messages.push(Submission {
            id: Name::new(format!("m{at:02}")),
            at: SimTime::from_secs(instant),
            from,
            to: dice.some(&recipients, 1, 4),
            size: None,
            priority: Default::default(),
            message_type: Default::default(),
            journal: false,
            entry,
            span: Default::default(),
        });
    }
}

fn connector_of(dice: &mut Dice, org: &Organization, server: ServerIdx) -> Option<ReceiveConnectorIdx> {
    let connectors = org.receive_connectors().iter().enumerate();
    let own = connectors.filter(|(_, connector)| connector.server == server);
    let own: Vec<usize> = own.map(|(at, _)| at).collect();
    let named = !own.is_empty() && dice.percent(60);
    named.then(|| ReceiveConnectorIdx::from_usize(dice.pick(&own)))
}

/// What is broken at each instant is kept in mind, so that only what works is broken and everything is mended.
struct Faults<'a> {
    org: &'a Organization,
    events: Vec<ScenarioEvent>,
    now: u64,
    /// When messages enter, ascending.
    sent_at: Vec<u64>,
    /// Servers that are down, with what they come back with.
    down: Vec<(ServerIdx, TransportDatabase)>,
    cuts: Vec<Cut>,
    connectors: Vec<ConnectorRef>,
    dismounted: Vec<DatabaseIdx>,
}

impl Faults<'_> {
    fn new(org: &Organization) -> Faults<'_> {
        Faults {
            org,
            events: Vec::new(),
            now: 0,
            sent_at: Vec::new(),
            down: Vec::new(),
            cuts: Vec::new(),
            connectors: Vec::new(),
            dismounted: Vec::new(),
        }
    }

    fn push(&mut self, what: Kind) {
        self.events.push(ScenarioEvent {
            at: SimTime::from_secs(self.now),
            what,
            span: Default::default(),
        });
    }

    fn another(&mut self, dice: &mut Dice) {
        let next = self.sent_at.iter().copied().find(|at| *at >= self.now);
        self.now = match dice.between(0, 5) {
            // While a message is on its way.
            4..=5 if next.is_some() => next.unwrap_or_default() + dice.between(0, 4),
            0 => self.now,
            1 => self.now + dice.between(1, 40),
            2 => (self.now / 900 + 1) * 900,
            _ => self.now + dice.between(60, 4 * 3600),
        }
        .min(FAULTS_UNTIL - 1);
        if dice.percent(35) && self.mend(dice) {
            return;
        }
        self.break_something(dice);
    }

    /// Something that is broken works again before the end.
    fn mend(&mut self, dice: &mut Dice) -> bool {
        if !self.down.is_empty() && dice.percent(70) {
            let (server, database) = self.down.remove(0);
            self.push(Kind::ServerUp(server, database));
        } else if let Some(cut) = self.cuts.pop() {
            self.push(Kind::NetworkRestore(cut));
        } else if let Some(connector) = self.connectors.pop() {
            self.push(Kind::ConnectorUp(connector));
        } else if let Some(database) = self.dismounted.pop() {
            self.push(Kind::Mount(database));
        } else {
            return false;
        }
        true
    }

    fn working(&self) -> Vec<ServerIdx> {
        let servers = self.org.servers().iter_enumerated().map(|(at, _)| at);
        servers
            .filter(|at| !self.down.iter().any(|(down, _)| down == at))
            .collect()
    }

    fn place(&self, dice: &mut Dice) -> Place {
        let servers: Vec<Place> = self
            .org
            .servers()
            .iter_enumerated()
            .map(|(at, _)| Place::Server(at))
            .collect();
        let sites: Vec<Place> = self
            .org
            .sites()
            .iter_enumerated()
            .map(|(at, _)| Place::Site(at))
            .collect();
        match dice.between(0, 9) {
            0..=5 => dice.pick(&servers),
            6..=8 => dice.pick(&sites),
            _ => Place::Peer(PeerIdx::from_usize(0)),
        }
    }

    fn break_something(&mut self, dice: &mut Dice) {
        let working = self.working();
        let databases: Vec<DatabaseIdx> = self.org.databases().iter_enumerated().map(|(at, _)| at).collect();
        match dice.between(0, 15) {
            14 | 15 if working.len() > 1 => {
                for server in dice.some(&working, 2, 2) {
                    self.down.push((server, TransportDatabase::New));
                    self.push(Kind::Destroy(server));
                }
            }
            0..=2 if !working.is_empty() => {
                let server = dice.pick(&working);
                let back = dice.pick(&[TransportDatabase::Same, TransportDatabase::Same, TransportDatabase::New]);
                self.down.push((server, back));
                self.push(Kind::ServerDown(server));
            }
            3 if !working.is_empty() => {
                let server = dice.pick(&working);
                self.down.push((server, TransportDatabase::New));
                self.push(Kind::Destroy(server));
            }
            4 if !working.is_empty() => {
                let server = dice.pick(&working);
                self.down.push((server, TransportDatabase::Same));
                self.push(Kind::Pause(server));
            }
            5 | 6 => self.cut(dice),
            7 => self.connector_down(dice),
            8 if !databases.is_empty() => {
                let database = dice.pick(&databases);
                if !self.dismounted.contains(&database) {
                    self.dismounted.push(database);
                    self.push(Kind::Dismount(database));
                }
            }
            9 if !databases.is_empty() => {
                let database = dice.pick(&databases);
                let copies: Vec<ServerIdx> = self.org.databases()[database]
                    .copies
                    .iter()
                    .map(|copy| copy.server)
                    .collect();
                let to = (!copies.is_empty() && dice.percent(50)).then(|| dice.pick(&copies));
                let lost_log = Duration::from_secs(dice.pick(&[0, 0, 5, 600]));
                self.push(Kind::Failover { database, to, lost_log });
            }
            10 => self.configure(dice),
            11 if !working.is_empty() => {
                let server = dice.pick(&working);
                self.push(Kind::Redirect { server, to: None });
            }
            12 => self.change_group(dice),
            _ => {
                let place = self.place(dice);
                let other = dice.percent(30).then(|| self.place(dice));
                self.push(Kind::SessionCut { place, other });
            }
        }
    }

    fn cut(&mut self, dice: &mut Dice) {
        let (a, b) = (self.place(dice), self.place(dice));
        let links: Vec<SiteLinkIdx> = self.org.site_links().iter_enumerated().map(|(at, _)| at).collect();
        let cut = match dice.between(0, 5) {
            0 | 1 => Cut::Off(a),
            2 | 3 => Cut::Between(a, b),
            4 => Cut::OneWay(a, b),
            _ if links.is_empty() => Cut::Off(a),
            _ => Cut::SiteLink(dice.pick(&links)),
        };
        if !self.cuts.contains(&cut) {
            self.cuts.push(cut);
            self.push(Kind::NetworkCut(cut));
        }
    }

    fn connector_down(&mut self, dice: &mut Dice) {
        let connector = dice.pick(&self.org.connectors_of_both_kinds());
        if !self.connectors.contains(&connector) {
            self.connectors.push(connector);
            self.push(Kind::ConnectorDown(connector));
        }
    }

    fn configure(&mut self, dice: &mut Dice) {
        let connectors: Vec<ConnectorIdx> = self.org.connectors().iter_enumerated().map(|(at, _)| at).collect();
        let over: Vec<RoutingGroupConnectorIdx> = self
            .org
            .routing_group_connectors()
            .iter_enumerated()
            .map(|(at, _)| at)
            .collect();
        let links: Vec<SiteLinkIdx> = self.org.site_links().iter_enumerated().map(|(at, _)| at).collect();
        let sites: Vec<SiteIdx> = self.org.sites().iter_enumerated().map(|(at, _)| at).collect();
        let transport: Vec<ServerIdx> = self.org.servers().iter_enumerated().map(|(at, _)| at).collect();
        let transport: Vec<ServerIdx> = transport
            .into_iter()
            .filter(|at| self.org.transport_site(*at).is_some())
            .collect();
        let connector = dice.pick(&connectors);
        let edit = match dice.between(0, 6) {
            0 => Edit::Enabled(connector, dice.percent(50)),
            1 if !transport.is_empty() => {
                let mut sources = dice.some(&transport, 1, 2);
                sources.sort_unstable();
                Edit::ConnectorSources(connector, sources)
            }
            2 => Edit::SmartHosts(connector, vec!["relay.example".to_owned()]),
            3 if !over.is_empty() => Edit::GroupConnectorCost(dice.pick(&over), 7),
            4 if !links.is_empty() => Edit::SiteLinkCost(dice.pick(&links), 9),
            5 if !links.is_empty() => Edit::ExchangeCost(dice.pick(&links), Some(2)),
            _ => Edit::HubSite(dice.pick(&sites), dice.percent(50)),
        };
        self.push(Kind::Configuration(vec![edit]));
    }

    fn change_group(&mut self, dice: &mut Dice) {
        let groups: Vec<GroupIdx> = self.org.groups().iter_enumerated().map(|(at, _)| at).collect();
        let group = dice.pick(&groups);
        let mailboxes: Vec<Address> = self
            .org
            .mailboxes()
            .iter()
            .map(|mailbox| mailbox.address.clone())
            .collect();
        let members = &self.org.groups()[group].members;
        let add = dice.pick(&mailboxes);
        let add = if members.contains(&add) { Vec::new() } else { vec![add] };
        let remove = if dice.percent(50) {
            vec![dice.pick(members)]
        } else {
            Vec::new()
        };
        self.push(Kind::GroupChange { group, add, remove });
    }

    /// Everything works again.
    fn heal(&mut self) {
        for (server, database) in std::mem::take(&mut self.down) {
            self.push(Kind::ServerUp(server, database));
        }
        for cut in std::mem::take(&mut self.cuts) {
            self.push(Kind::NetworkRestore(cut));
        }
        for connector in std::mem::take(&mut self.connectors) {
            self.push(Kind::ConnectorUp(connector));
        }
        for database in std::mem::take(&mut self.dismounted) {
            self.push(Kind::Mount(database));
        }
    }
}
