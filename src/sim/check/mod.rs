//! Whether a run could have been: what has to hold of every trace, said a second time and from the documents alone.
//!
//! A [`Checker`] is a [`Sink`]. It knows the organization and the scenario, and of what servers do only the trace; it shares no
//! code with the kernel, so that the same mistake has to be made twice to stay unseen. It keeps what is alive: copies until
//! nothing can come of them, messages until no mailbox can lose them while it has a copy left.
//!
//! * `world`: what the scenario has broken; `ledger`: what is known of copies and messages;
//! * `transport`, `stores`, `queues`: mail on its way, into mailboxes, and waiting (I10, I12, I13, I19, T20, C1–C4);
//! * `acks`, `shadows`, `takeover`, `safe`: acknowledgements (I4, I11) and what keeps mail alive (I5–I9, I15);
//! * `delays`: how late mail may be that a fault holds up (7.4; I16, and I2 for 2013); `dues`: what has a last moment;
//! * `pairs`: whether two servers have what is protected (I9);
//! * `dumpsters`: what is in the dumpsters of 2010, and why it leaves them (T6, T7, X8);
//! * `notices`, `placement`: what is said of copies that are done (I7, I14), and where hubs and shadows may be (I5, S32);
//! * `events`: who does what to which copy in an event;
//! * `custody`: whether mail is somewhere (I1–I3, I17); `losses`: which loss of the documents it is where not;
//! * `accounts`, `written`: where it keeps what it knows; `violation`: what it says.
//!
//! I2, I3 and I16 are what I1 says once losses are explained only by what their preconditions allow: a loss after a single
//! failure has no id. What is late says which of them does not hold. I18 is for who runs a stage twice.
//!
//! Violations are values; a run without any has held.

mod accounts;
mod acks;
mod custody;
mod delays;
mod dues;
mod dumpsters;
mod events;
mod ledger;
mod losses;
mod notices;
mod pairs;
mod placement;
mod queues;
mod safe;
mod shadows;
mod stores;
mod takeover;
mod transport;
mod violation;
mod world;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

pub use self::violation::{DupId, DupIds, Evidence, Invariant, LossId, Violation};

use self::accounts::Accounts;
use self::delays::Delay;
use self::dues::{Due, Dues};
use self::dumpsters::Dumpsters;
use self::events::Subject;
use self::ledger::{Account, Copy};
use self::notices::Answered;
use self::queues::Queues;
use self::shadows::Contact;
use self::world::{Condition, World};
use self::written::Written;
use crate::model::{DatabaseIdx, MessageIdx, ScenarioEventKind, ServerIdx, SimTime, TransportDatabase};
use crate::sim::Stage;
use crate::sim::alive::Alive;
use crate::sim::sink::Sink;
use crate::sim::trace::{Actor, CopyIdx, RecipientIdx, Store, TraceEvent, What};

/// After how many events messages are forgotten.
const SWEEP_EVERY: u64 = 4096;
/// So much that is due is not worth looking through.
const DUES_MIN: usize = 4096;

/// A loss, and which of the documents it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// When the last copy went.
    pub at: SimTime,
    /// Of which message.
    pub message: MessageIdx,
    /// For whom.
    pub recipient: RecipientIdx,
    /// Which loss it is.
    pub id: LossId,
}

/// A copy too many, and why it was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// When it arrived.
    pub at: SimTime,
    /// Of which message.
    pub message: MessageIdx,
    /// For whom.
    pub recipient: RecipientIdx,
    /// Why.
    pub id: DupId,
    /// Whether the recipient can see it.
    pub visible: bool,
}

/// How much a [`Checker`] remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Copies that something can come of.
    pub copies: usize,
    /// Messages.
    pub messages: usize,
    /// Last moments of copies. What is over may be among them until it is most of them.
    pub moments: usize,
    /// What was written to stores, forgotten in the same way.
    pub written: usize,
    /// Everything else that comes with mail: sessions, notifications, queues, what is kept.
    pub others: usize,
}

/// Something that bears a violation out: when, what, at which server, to which copy.
type Fact = (SimTime, &'static str, Option<ServerIdx>, Option<CopyIdx>);

/// Reads a trace and says what is wrong with it.
#[derive(Debug)]
pub struct Checker<'a> {
    world: World<'a>,
    copies: Alive<Copy>,
    accounts: Accounts<'a>,
    queues: Queues,
    contacts: BTreeMap<(ServerIdx, Actor, Option<Store>), Contact>,
    /// Notifications that wait, by who has prepared them and for whom.
    prepared: BTreeMap<(ServerIdx, Actor), Vec<CopyIdx>>,
    /// Copies of which a system outside that speaks XSHADOW has taken something, by who has them and who took it.
    with_peers: BTreeMap<(ServerIdx, Actor), Vec<CopyIdx>>,
    /// What primary servers have told holders of shadows last.
    answered: BTreeMap<(ServerIdx, ServerIdx), Answered>,
    /// When a database has last asked a Safety Net in vain.
    deferred: BTreeMap<(Store, ServerIdx), SimTime>,
    dumpsters: Dumpsters,
    /// Databases between a failover and the mount.
    moving: BTreeSet<DatabaseIdx>,
    /// What has a last moment, the first of them first. What is done with is passed over when it comes, or when there is much of it.
    dues: Dues,
    /// What was due while its server could do nothing.
    overdue: Vec<(ServerIdx, Due, CopyIdx)>,
    /// What may not be later than an instant.
    delays: BTreeSet<(SimTime, Delay)>,
    /// When two servers last had a session, by the lesser and the greater of them. Never iterated.
    sessions: FxHashMap<(ServerIdx, ServerIdx), SimTime>,
    /// Where stores were last mounted.
    hosts: BTreeMap<Store, ServerIdx>,
    /// When anything last happened to the organization.
    changed_at: Option<SimTime>,
    /// When ways through it last changed.
    reconfigured_at: Option<SimTime>,
    /// Copies that may have come to their end at this instant.
    ending: Vec<CopyIdx>,
    /// Who may have too few copies of what since this instant.
    unpaired: Vec<(MessageIdx, RecipientIdx)>,
    now: SimTime,
    events: u64,
    /// What was written to stores.
    written: Written,
    /// The store that has last come up without the end of its log, when, and of which messages something was in that.
    log_lost: Option<(SimTime, Store, Vec<MessageIdx>)>,
    losses: Vec<Loss>,
    duplicates: Vec<Duplicate>,
    violations: Vec<Violation>,
}

impl<'a> Checker<'a> {
    /// A checker of runs of `stage`. O(organization + scenario).
    pub fn new(stage: &'a Stage) -> Checker<'a> {
        Checker {
            world: World::new(stage),
            copies: Alive::default(),
            accounts: Accounts::new(&stage.scenario().messages, world::reach(stage)),
            queues: Queues::default(),
            contacts: BTreeMap::new(),
            prepared: BTreeMap::new(),
            with_peers: BTreeMap::new(),
            answered: BTreeMap::new(),
            deferred: BTreeMap::new(),
            dumpsters: Dumpsters::default(),
            moving: BTreeSet::new(),
            dues: Dues::default(),
            overdue: Vec::new(),
            delays: BTreeSet::new(),
            sessions: FxHashMap::default(),
            hosts: BTreeMap::new(),
            changed_at: None,
            reconfigured_at: None,
            ending: Vec::new(),
            unpaired: Vec::new(),
            now: SimTime::ZERO,
            events: 0,
            written: Written::default(),
            log_lost: None,
            losses: Vec::new(),
            duplicates: Vec::new(),
            violations: Vec::new(),
        }
    }

    /// What is wrong so far, in the order in which it was seen.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// What was lost so far in a way that the documents know.
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// What came twice so far in a way that the documents know.
    pub fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }

    /// Which loss it is when a mailbox loses a message that was forgotten, long after it was delivered: nothing else can.
    pub(in crate::sim) fn old_loss(&self, message: MessageIdx, recipient: RecipientIdx) -> Option<LossId> {
        let store = self.world.store_of(recipient);
        let store = store.filter(|_| self.accounts.has_forgotten(message))?;
        Some(self.world.loss_of_mailbox(store))
    }

    /// How much the checker remembers. O(what that is).
    pub fn remembered(&self) -> Remembered {
        let lists = self.prepared.values().chain(self.with_peers.values());
        let others = [
            lists.map(|list| 1 + list.len()).sum(),
            self.queues.len(),
            self.contacts.len(),
            self.answered.len(),
            self.deferred.len(),
            self.dumpsters.len(),
            self.moving.len(),
            self.overdue.len(),
            self.delays.len(),
            self.sessions.len(),
            self.hosts.len(),
            self.ending.len(),
            self.unpaired.len(),
        ];
        Remembered {
            copies: self.copies.len(),
            messages: self.accounts.len(),
            moments: self.dues.len(),
            written: self.written.len(),
            others: others.iter().sum(),
        }
    }

    /// Notes a violation; `evidence` are instants with what happened then. It is kept out of the way of what is asked each time.
    #[cold]
    fn report(
        &mut self,
        invariant: Invariant,
        (message, recipient): (Option<MessageIdx>, Option<RecipientIdx>),
        what: &'static str,
        evidence: &[Fact],
    ) {
        let evidence = evidence.iter().map(|(at, fact, server, copy)| Evidence {
            at: *at,
            fact,
            server: *server,
            copy: *copy,
        });
        self.violations.push(Violation {
            invariant,
            at: self.now,
            message,
            recipient,
            what,
            evidence: evidence.collect(),
        });
    }

    /// Notes a violation about a copy that is known.
    fn blame(&mut self, invariant: Invariant, copy: CopyIdx, what: &'static str) {
        let (message, server, at) = match self.copies.get(&copy) {
            Some(known) => (Some(known.message), Some(known.server), known.received_at),
            None => (None, None, self.now),
        };
        self.report(invariant, (message, None), what, &[(at, "it came", server, Some(copy))]);
    }

    /// The account of a message, which begins with what is first heard of it.
    fn account(&mut self, message: MessageIdx) -> &mut Account {
        let now = self.now;
        let account = self.accounts.begin(message, now);
        account.last = now;
        account
    }

    /// Whether a server has a copy; else that is noted.
    fn has(&mut self, server: ServerIdx, copy: CopyIdx) -> bool {
        let (invariant, what) = match self.copies.get(&copy) {
            Some(known) if known.server != server => (Invariant::C4, "a server works on a copy of another one"),
            Some(known) if !known.on_disk => (Invariant::I14, "a copy is used that went with its disk"),
            Some(_) => return true,
            None => (Invariant::I10, "a copy is used that is not there or was done with"),
        };
        let now = self.now;
        let message = self.copies.get(&copy).map(|known| known.message);
        self.report(
            invariant,
            (message, None),
            what,
            &[(now, "it is used", Some(server), Some(copy))],
        );
        false
    }

    /// Time goes on: copies that are done are forgotten, and what should have gone is looked for.
    fn advance(&mut self, to: SimTime) {
        self.forget_copies();
        self.look_at_pairs();
        self.look_at_delays(to);
        let mut last = None;
        while let Some(next) = self.dues.pop_before(to) {
            // The same can be due for several reasons.
            if last.replace(next) != Some(next) {
                self.missed(next.0, next.1, next.2);
            }
        }
        if to < self.now {
            self.report(
                Invariant::C4,
                (None, None),
                "time goes back",
                &[(to, "the event", None, None)],
            );
        }
        self.now = to;
    }

    fn forget_copies(&mut self) {
        while let Some(index) = self.ending.pop() {
            let Some(copy) = self.copies.get(&index).filter(|copy| !copy.is_alive()) else {
                continue;
            };
            let message = copy.message;
            let children = copy
                .protection()
                .held
                .iter()
                .map(|(_, of, _)| *of)
                .chain(copy.protection().shadows.iter().filter_map(|s| s.child));
            let children: SmallVec<[CopyIdx; 4]> = children.collect();
            self.copies.remove(&index);
            for child in children {
                self.release(child);
            }
            if let Some(account) = self.accounts.get_mut(&message) {
                account.copies.retain(|copy| *copy != index);
                if account.copies.is_empty() {
                    account.handovers = SmallVec::new();
                }
            }
        }
    }

    /// One live copy less refers to `copy`.
    fn release(&mut self, copy: CopyIdx) {
        if let Some(copy) = self.copies.get_mut(&copy) {
            copy.references = copy.references.saturating_sub(1);
        }
        self.ending.push(copy);
    }

    /// Messages that nothing holds and that nobody would recognize are forgotten.
    fn sweep(&mut self) {
        self.accounts.forget(self.now);
        self.forget_dues();
        self.written.forget(&self.accounts);
    }

    /// What is due is forgotten of copies that are, as soon as that is most of it.
    fn forget_dues(&mut self) {
        let copies = &self.copies;
        // A copy has two at a time as a rule: that it is late, and that it is returned.
        if self.dues.len() > 8 * copies.len() + DUES_MIN {
            self.dues.retain(|copy| copies.contains_key(&copy));
        }
    }

    fn scenario(&mut self, position: u32) {
        let stage = self.world.stage;
        let event = usize::try_from(position)
            .ok()
            .and_then(|at| stage.scenario().events.get(at));
        let Some(event) = event else {
            self.report(
                Invariant::C4,
                (None, None),
                "an event that the scenario does not have",
                &[],
            );
            return;
        };
        if event.at != self.now {
            let evidence = [(event.at, "when the scenario has it", None, None)];
            self.report(
                Invariant::C4,
                (None, None),
                "an event of the scenario at another time",
                &evidence,
            );
        }
        self.happens(&event.what);
    }

    /// Something happens to the organization.
    fn happens(&mut self, what: &ScenarioEventKind) {
        let returns = match what {
            ScenarioEventKind::ServerUp(server, database) => {
                let destroyed = self.world.machine(*server).condition == Condition::Destroyed;
                (destroyed || *database == TransportDatabase::New).then_some(*server)
            }
            _ => None,
        };
        let without_disk = self.world.apply(what, self.now);
        self.changed_at = Some(self.now);
        if matches!(
            what,
            ScenarioEventKind::Configuration(_) | ScenarioEventKind::ConnectorDown(_)
        ) {
            self.reconfigured_at = Some(self.now);
        }
        match what {
            ScenarioEventKind::ServerDown(server) | ScenarioEventKind::Destroy(server) => self.memory_lost(*server),
            ScenarioEventKind::ServerUp(server, database) => {
                if *database == TransportDatabase::New {
                    self.memory_lost(*server);
                }
                self.resumed(*server);
            }
            ScenarioEventKind::GroupChange { add, remove, .. } => self.members_changed(add, remove),
            _ => {}
        }
        if let Some(server) = without_disk {
            self.lose_queues(server);
        }
        if let Some(server) = returns {
            self.bound_return(server);
        }
        if let ScenarioEventKind::Destroy(server) = what {
            self.lose_stores(*server);
        }
    }

    /// What was due while a server could do nothing is due now.
    fn resumed(&mut self, server: ServerIdx) {
        let now = self.now;
        let (due, rest): (Vec<_>, Vec<_>) = self.overdue.drain(..).partition(|(at, _, _)| *at == server);
        self.overdue = rest;
        // Nobody is told that mail is late which leaves as soon as its server works again.
        let longest = self.longest_session();
        let soon = |due: Due| if due == Due::Delay { now + longest } else { now };
        for (_, due, copy) in due {
            self.dues.push(soon(due), due, copy);
        }
    }

    /// What arrives has to come from a server that could send it.
    fn sends(&mut self, server: ServerIdx) {
        if !self.world.sends(server, self.now) {
            self.works(server);
        }
    }

    /// A server that does something has to be able to.
    fn works(&mut self, server: ServerIdx) {
        if self.world.is_up(server) {
            return;
        }
        let machine = self.world.machine(server);
        let since = machine.since;
        let what = match machine.condition {
            Condition::Paused => "a server that is paused does something",
            _ => "a server that is down does something",
        };
        self.report(
            Invariant::C1,
            (None, None),
            what,
            &[(since, "it last worked", Some(server), None)],
        );
    }

    /// Whether a copy is there for what its server does with it. Nearly always it is, and is looked up once.
    fn is_ready(&self, subject: &Subject<'_>) -> bool {
        let waits = |known: &Copy| {
            let mut recipients = subject.recipients.into_iter().flatten();
            !known.refused && recipients.all(|recipient| known.pending.contains_key(recipient))
        };
        let known = self.copies.get(&subject.copy);
        known.is_some_and(|known| {
            let there = known.server == subject.server && known.on_disk;
            there && (subject.recipients.is_none() || waits(known))
        })
    }

    fn take_event(&mut self, what: &What) {
        for server in events::actors(what) {
            self.works(server);
        }
        if let Some(subject) = events::subject(what)
            && !self.is_ready(&subject)
        {
            let waits = |checker: &mut Self| subject.recipients.is_none_or(|of| checker.waits(subject.copy, of));
            if !(self.has(subject.server, subject.copy) && waits(self)) {
                return;
            }
        }
        self.look_at_placement(what);
        self.look_at_notices(what);
        match what {
            What::Scenario(position) => self.scenario(*position),
            What::Struck(what) => self.happens(what),
            What::Mounted { .. }
            | What::LogLost { .. }
            | What::Stored { .. }
            | What::InMailbox { .. }
            | What::Deliver { .. }
            | What::DuplicateDeliver { .. } => self.take_store(what),
            What::Submit { .. }
            | What::SendAgain { .. }
            | What::LetGo { .. }
            | What::Own { .. }
            | What::Acknowledge { .. }
            | What::AckDelayed { .. }
            | What::AckDue { .. }
            | What::Refuse { .. }
            | What::Abandon { .. } => self.take_ack(what),
            What::Defer { .. } | What::Resubmit { .. } | What::Delayed { .. } => self.take_queue(what),
            What::Receive { .. }
            | What::Expand { .. }
            | What::Transfer { .. }
            | What::Send { .. }
            | What::Outside { .. }
            | What::Fail { .. }
            | What::Silent { .. } => self.take_transport(what),
            What::QueuesLost { server } => self.queues_lost(*server),
            _ => self.take_shadow(what),
        }
    }
}

impl Sink for Checker<'_> {
    fn take(&mut self, event: &TraceEvent) {
        if event.at != self.now {
            self.advance(event.at);
        }
        self.events += 1;
        if self.events.is_multiple_of(SWEEP_EVERY) {
            self.sweep();
        }
        self.take_event(&event.what);
    }
}
