//! The link state table of a server: what it believes about every routing group.

use std::fmt;
use std::sync::Arc;

use md5::{Digest as _, Md5};
use oxc_index::IndexVec;

use crate::model::{ConnectorRef, GroupRef, RoutingGroupIdx, ServerIdx, Version};

/// How new an entry is: `major` before `minor` before `user` (LS-1.3). Only the group's own master counts them up.
///
/// A higher part begins the lower ones anew: the order does not depend on it, and they stay small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateVersion {
    /// Changes of configuration.
    pub major: u32,
    /// Connectors that went down or up.
    pub minor: u32,
    /// Services and masters that came and went.
    pub user: u32,
}

impl StateVersion {
    /// Three parts.
    pub const fn new(major: u32, minor: u32, user: u32) -> StateVersion {
        StateVersion { major, minor, user }
    }

    /// After a change of configuration.
    #[must_use]
    pub fn next_major(self) -> StateVersion {
        StateVersion::new(self.major.saturating_add(1), 0, 0)
    }

    /// After a connector went down or up.
    #[must_use]
    pub fn next_minor(self) -> StateVersion {
        StateVersion::new(self.major, self.minor.saturating_add(1), 0)
    }

    /// After a service or a master came or went.
    #[must_use]
    pub fn next_user(self) -> StateVersion {
        StateVersion::new(self.major, self.minor, self.user.saturating_add(1))
    }
}

/// Hexadecimal, as the product prints it: `a.0.0`.
impl fmt::Display for StateVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{:x}.{:x}", self.major, self.minor, self.user)
    }
}

/// Whether mail may be routed over a connector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectorState {
    /// It may.
    #[default]
    Up,
    /// It is routed around.
    Down,
}

/// A server in the entry of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    /// The server.
    pub server: ServerIdx,
    /// The version that it told.
    pub version: Version,
    /// Whether it is connected to the master.
    pub connected: bool,
}

/// A connector in the entry of the group that it starts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectorEntry {
    /// The connector, of either kind.
    pub connector: ConnectorRef,
    /// How often its object in the directory had changed when it was read: which of its configurations this is.
    pub revision: u32,
    /// Its state.
    pub state: ConnectorState,
}

/// What a table says about one routing group (LS-1.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GroupEntry {
    /// Its master; `None`: nobody, as in the 2007 group.
    pub master: Option<ServerIdx>,
    /// How new this is.
    pub version: StateVersion,
    /// Its servers, ascending.
    pub members: Vec<Member>,
    /// The connectors that start in it, ascending.
    pub connectors: Vec<ConnectorEntry>,
}

impl GroupEntry {
    /// The entry of a connector of this group. O(log connectors).
    pub fn connector(&self, connector: ConnectorRef) -> Option<&ConnectorEntry> {
        let at = self
            .connectors
            .binary_search_by_key(&connector, |entry| entry.connector);
        at.ok().map(|at| &self.connectors[at])
    }

    /// The same to write to.
    pub fn connector_mut(&mut self, connector: ConnectorRef) -> Option<&mut ConnectorEntry> {
        let at = self
            .connectors
            .binary_search_by_key(&connector, |entry| entry.connector);
        at.ok().map(|at| &mut self.connectors[at])
    }

    /// Takes over configuration that `other` has read later from the directory, and says whether there was any.
    fn read_on(&mut self, other: &GroupEntry) -> bool {
        let mut changed = false;
        for entry in &mut self.connectors {
            if let Some(newer) = other.connector(entry.connector)
                && newer.revision > entry.revision
            {
                entry.revision = newer.revision;
                changed = true;
            }
        }
        changed
    }
}

/// A link state table. Servers of 5.5, 2007 and later have none. It lives in memory: each start of the service makes a new one.
///
/// Copies share the entries that they have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    legacy: IndexVec<RoutingGroupIdx, Arc<GroupEntry>>,
    exchange_2007: Arc<GroupEntry>,
}

impl Table {
    /// A table of these entries: the legacy groups', then that of the 2007 group.
    pub fn new(legacy: impl IntoIterator<Item = GroupEntry>, exchange_2007: GroupEntry) -> Table {
        Table {
            legacy: legacy.into_iter().map(Arc::new).collect(),
            exchange_2007: Arc::new(exchange_2007),
        }
    }

    /// What it says about a group.
    pub fn entry(&self, group: GroupRef) -> &GroupEntry {
        match group {
            GroupRef::Legacy(group) => &self.legacy[group],
            GroupRef::Exchange2007 => &self.exchange_2007,
        }
    }

    /// The same to write to; other tables that share the entry keep theirs.
    pub fn entry_mut(&mut self, group: GroupRef) -> &mut GroupEntry {
        Arc::make_mut(self.slot(group))
    }

    fn slot(&mut self, group: GroupRef) -> &mut Arc<GroupEntry> {
        match group {
            GroupRef::Legacy(group) => &mut self.legacy[group],
            GroupRef::Exchange2007 => &mut self.exchange_2007,
        }
    }

    /// Legacy groups in name order, then the 2007 group.
    pub fn groups(&self) -> impl Iterator<Item = GroupRef> + use<> {
        let legacy = (0..self.legacy.len()).map(|group| GroupRef::Legacy(RoutingGroupIdx::from_usize(group)));
        legacy.chain([GroupRef::Exchange2007])
    }

    /// Connectors that it takes to be down, ascending. O(connectors).
    pub fn down(&self) -> Vec<ConnectorRef> {
        let entries = self.legacy.iter().chain([&self.exchange_2007]);
        let mut down: Vec<ConnectorRef> = entries
            .flat_map(|entry| &entry.connectors)
            .filter(|entry| entry.state == ConnectorState::Down)
            .map(|entry| entry.connector)
            .collect();
        down.sort_unstable();
        down
    }

    /// Between groups (m3): takes the entries of `remote` that are strictly newer, and returns their groups (LS-1.3).
    ///
    /// Configuration that this side has read later from the directory stays. O(groups + what is taken).
    pub fn merge(&mut self, remote: &Table) -> Vec<GroupRef> {
        self.groups()
            .filter(|group| {
                let (own, theirs) = (self.entry(*group), remote.entry(*group));
                let newer = theirs.version > own.version;
                if newer {
                    let before = std::mem::replace(self.slot(*group), Arc::clone(remote.shared(*group)));
                    if before.connectors.iter().any(|entry| {
                        let now = self.entry(*group).connector(entry.connector);
                        now.is_some_and(|now| now.revision < entry.revision)
                    }) {
                        self.entry_mut(*group).read_on(&before);
                    }
                }
                newer
            })
            .collect()
    }

    /// Within a group (m2): as [`Table::merge`], and besides takes what the master has read later from the directory, which
    /// has no version where the entry is another group's. Says whether anything changed.
    pub fn adopt(&mut self, master: &Table) -> bool {
        let mut changed = !self.merge(master).is_empty();
        for group in self.groups() {
            if !Arc::ptr_eq(self.shared(group), master.shared(group)) && self.entry(group) != master.entry(group) {
                let mut entry = self.entry(group).clone();
                if entry.read_on(master.entry(group)) {
                    *self.slot(group) = Arc::new(entry);
                    changed = true;
                }
            }
        }
        changed
    }

    fn shared(&self, group: GroupRef) -> &Arc<GroupEntry> {
        match group {
            GroupRef::Legacy(group) => &self.legacy[group],
            GroupRef::Exchange2007 => &self.exchange_2007,
        }
    }

    /// MD5 over the whole content in one fixed spelling (Q10): equal exactly for equal tables, as far as MD5 can tell.
    ///
    /// It is what two bridgeheads compare first (m3); where both tables are at hand, as in [`super::Propagation`], comparing these
    /// says the same. The product's own spelling is not published, so that the numbers
    /// differ from its. O(content).
    pub fn digest(&self) -> [u8; 16] {
        let mut hash = Md5::new();
        for group in self.groups() {
            let entry = self.entry(group);
            // Every list is preceded by its length: what ends one entry cannot be taken for the beginning of the next.
            number(&mut hash, entry.master.map_or(0, |server| 1 + server.index()));
            for part in [entry.version.major, entry.version.minor, entry.version.user] {
                hash.update(part.to_be_bytes());
            }
            number(&mut hash, entry.members.len());
            for member in &entry.members {
                number(&mut hash, member.server.index());
                hash.update([member.version as u8, u8::from(member.connected)]);
            }
            number(&mut hash, entry.connectors.len());
            for entry in &entry.connectors {
                let (kind, index) = match entry.connector {
                    ConnectorRef::RoutingGroup(index) => (0, index.index()),
                    ConnectorRef::External(index) => (1, index.index()),
                };
                number(&mut hash, index);
                hash.update([kind, entry.state as u8]);
                hash.update(entry.revision.to_be_bytes());
            }
        }
        hash.finalize().into()
    }
}

/// Eight bytes on every platform.
fn number(hash: &mut Md5, value: usize) {
    hash.update(u64::try_from(value).unwrap_or(u64::MAX).to_be_bytes());
}
