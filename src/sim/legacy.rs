//! What legacy groups believe while time goes on, and which configuration they know.

use std::rc::Rc;

use oxc_index::IndexVec;

use crate::linkstate::{Input, Propagation, What};
use crate::model::{ConnectorRef, Edit, RoutingGroupIdx, SimTime};

/// Link state, and the configuration that each legacy group routes by: that of the last change of which it knows every part.
#[derive(Debug)]
pub(super) struct Legacy<'a> {
    propagation: Propagation<'a>,
    /// Happenings of the propagation that were read already.
    read: usize,
    groups: IndexVec<RoutingGroupIdx, Group>,
    /// What every change so far asks a group to know.
    changes: Vec<Vec<(ConnectorRef, u32)>>,
    /// How often the object of a connector has changed.
    revisions: Vec<(ConnectorRef, u32)>,
    /// The instant that is in the agenda already.
    planned: Option<SimTime>,
    /// Connectors that link state was told to have failed, ascending.
    pub(super) failed: Vec<ConnectorRef>,
}

#[derive(Debug)]
struct Group {
    down: Rc<[ConnectorRef]>,
    /// Revisions of connectors that it has read.
    known: Vec<(ConnectorRef, u32)>,
    /// The configuration it routes by.
    number: usize,
}

/// What is new in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct News {
    pub(super) group: RoutingGroupIdx,
    /// What it believes to be down from now on, if that is new.
    pub(super) down: Option<Rc<[ConnectorRef]>>,
}

impl<'a> Legacy<'a> {
    pub(super) fn new(propagation: Propagation<'a>, groups: usize) -> Legacy<'a> {
        let nobody: Rc<[ConnectorRef]> = Rc::default();
        let group = || Group {
            down: Rc::clone(&nobody),
            known: Vec::new(),
            number: 0,
        };
        Legacy {
            propagation,
            read: 0,
            groups: (0..groups).map(|_| group()).collect(),
            changes: vec![Vec::new()],
            revisions: Vec::new(),
            planned: None,
            failed: Vec::new(),
        }
    }

    /// What link state has to be told so that exactly these connectors have failed.
    pub(super) fn difference(&self, failed: &[ConnectorRef]) -> Vec<Input> {
        let new = failed.iter().filter(|connector| !self.failed.contains(connector));
        let mended = self.failed.iter().filter(|connector| !failed.contains(connector));
        let fails = new.map(|connector| Input::ConnectorFails(*connector));
        fails
            .chain(mended.map(|connector| Input::ConnectorRecovers(*connector)))
            .collect()
    }

    pub(super) fn input(&mut self, at: SimTime, input: Input) {
        self.propagation.schedule(at, input);
    }

    /// What a group believes to be down.
    pub(super) fn down(&self, group: RoutingGroupIdx) -> &Rc<[ConnectorRef]> {
        &self.groups[group].down
    }

    /// The number of the configuration that a group routes by.
    pub(super) fn configuration(&self, group: RoutingGroupIdx) -> usize {
        self.groups[group].number
    }

    /// The oldest configuration that a group may still route by.
    pub(super) fn oldest_configuration(&self) -> Option<usize> {
        self.groups.iter().map(|group| group.number).min()
    }

    /// The configuration changes. `edits`: in what way; empty for what legacy groups learn at once.
    pub(super) fn reconfigure(&mut self, at: SimTime, edits: &[Edit]) {
        let mut touched: Vec<ConnectorRef> = edits.iter().filter_map(connector_of).collect();
        touched.sort_unstable();
        touched.dedup();
        let mut asked = Vec::with_capacity(touched.len());
        for connector in touched {
            self.input(at, Input::ConfigurationChanges(connector));
            let revision = match self.revisions.iter_mut().find(|(known, _)| *known == connector) {
                Some((_, revision)) => {
                    *revision += 1;
                    *revision
                }
                None => {
                    self.revisions.push((connector, 1));
                    1
                }
            };
            asked.push((connector, revision));
        }
        self.changes.push(asked);
    }

    /// Goes on up to an instant and tells what is new since the last time, by group.
    pub(super) fn advance(&mut self, until: SimTime) -> Vec<News> {
        self.propagation.advance(until);
        let mut changed: Vec<RoutingGroupIdx> = Vec::new();
        for happening in &self.propagation.timeline()[self.read..] {
            match &happening.what {
                What::Believes { group, .. } => changed.push(*group),
                What::Learns {
                    group,
                    connector,
                    revision,
                } => {
                    let known = &mut self.groups[*group].known;
                    known.retain(|(other, _)| other != connector);
                    known.push((*connector, *revision));
                }
                What::Attempt { .. } | What::Version { .. } | What::Logged { .. } => {}
            }
        }
        self.read = self.propagation.timeline().len();
        changed.sort_unstable();
        changed.dedup();
        let mut news = Vec::new();
        for (index, group) in self.groups.iter_mut_enumerated() {
            let down = changed.contains(&index).then(|| self.propagation.believed_down(index));
            let down = down.filter(|down| **down != *group.down).map(Rc::from);
            if let Some(down) = &down {
                group.down = Rc::clone(down);
            }
            let number = group.newest_known(&self.changes);
            debug_assert!(number >= group.number, "what is known is not forgotten");
            let reconfigured = number != std::mem::replace(&mut group.number, number);
            if down.is_some() || reconfigured {
                news.push(News { group: index, down });
            }
        }
        news
    }

    /// When link state has to be looked at next, unless that is planned already.
    pub(super) fn next_to_plan(&mut self) -> Option<SimTime> {
        let next = self.propagation.next_at()?;
        if self.planned.is_some_and(|planned| planned <= next) {
            return None;
        }
        self.planned = Some(next);
        Some(next)
    }

    /// What was planned has come.
    pub(super) fn arrived(&mut self) {
        self.planned = None;
    }
}

impl Group {
    /// The last change of which this and every earlier one is known.
    fn newest_known(&self, changes: &[Vec<(ConnectorRef, u32)>]) -> usize {
        let knows = |(connector, revision): &(ConnectorRef, u32)| {
            self.known
                .iter()
                .any(|(known, read)| known == connector && read >= revision)
        };
        changes.iter().take_while(|change| change.iter().all(knows)).count() - 1
    }
}

/// The connector that an edit is about.
fn connector_of(edit: &Edit) -> Option<ConnectorRef> {
    match edit {
        Edit::Enabled(connector, _)
        | Edit::ConnectorSources(connector, _)
        | Edit::SmartHosts(connector, _)
        | Edit::ConnectorSize(connector, _) => Some(ConnectorRef::External(*connector)),
        Edit::GroupConnectorCost(connector, _)
        | Edit::GroupConnectorSources(connector, _)
        | Edit::GroupConnectorSize(connector, _) => Some(ConnectorRef::RoutingGroup(*connector)),
        Edit::SiteLinkCost(..) | Edit::ExchangeCost(..) | Edit::SiteLinkSize(..) | Edit::HubSite(..) => None,
    }
}
