//! Who can hold a message, and where each of them can send it.

use super::super::Options;
use super::super::address::Target;
use super::super::explain::{Case, decide};
use super::super::failures::Down;
use super::super::file::{Generation, Version};
use super::super::group_paths::Sequence;
use super::super::names::Name;
use super::super::org::{Node, Org, Place};
use super::super::restrictions::Message;
use super::super::route::{Crossed, Sender};
use super::choices::{Choice, choices};
use super::graph::{ChoiceGraph, Fate, Step};
use super::link_state::{LinkState, Wire, name};

/// A file with its link state, ready to be walked through.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) org: Org,
    pub(super) link_state: LinkState,
    pub(super) options: Options,
    /// In table order, the generations of a site oldest first.
    pub(super) routers: Vec<Sender>,
    nothing_down: Down,
}

/// The groups that have not heard of a change, and the file that they still act on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Previous<'a> {
    pub(super) network: &'a Network,
    /// By legacy group of the present file.
    pub(super) unaware: &'a [bool],
}

impl Network {
    /// # Panics
    ///
    /// On a file that is not valid.
    pub(super) fn parse(text: &str, options: &Options) -> Self {
        let org = Org::parse(text);
        Self {
            link_state: LinkState::parse(text, &org, options),
            options: *options,
            routers: routers(&org),
            nothing_down: Down::new(&org, &[]),
            org,
        }
    }

    pub(super) fn case<'a>(&'a self, message: &'a Message) -> Case<'a> {
        Case {
            org: &self.org,
            options: &self.options,
            message,
            down: &self.nothing_down,
        }
    }

    /// What every router can do with a message while `failed` has failed: one step of the way for each of the
    /// choices. `previous` is for groups that act on another file.
    pub(super) fn graph(
        &self,
        message: &Message,
        to: &Target,
        failed: &[Wire],
        previous: Option<Previous<'_>>,
    ) -> ChoiceGraph {
        let steps = self.routers.iter().map(|&router| match router.place {
            Place::Site(_) => self.modern_steps(message, router, to),
            Place::Group(group) => match previous.filter(|previous| previous.unaware[group]) {
                Some(previous) => self.unaware_steps(message, group, to, failed, previous.network),
                None => self.legacy_steps(message, group, to, failed),
            },
        });
        ChoiceGraph::new(steps.collect())
    }

    /// The same, every legacy group acting on what it is said to take to be down.
    pub(super) fn graph_acting(
        &self,
        message: &Message,
        to: &Target,
        failed: &[Wire],
        acts_on: &dyn Fn(usize) -> Vec<Wire>,
    ) -> ChoiceGraph {
        let steps = self.routers.iter().map(|&router| match router.place {
            Place::Site(_) => self.modern_steps(message, router, to),
            Place::Group(group) => self.steps_acting(message, group, to, failed, acts_on),
        });
        ChoiceGraph::new(steps.collect())
    }

    fn steps_acting(
        &self,
        message: &Message,
        group: usize,
        to: &Target,
        failed: &[Wire],
        acts_on: &dyn Fn(usize) -> Vec<Wire>,
    ) -> Vec<Step> {
        if matches!(to, Target::Place(Place::Group(home)) if *home == group) {
            return vec![Step::End(Fate::Delivered)];
        }
        let here = acts_on(group);
        let all = choices(&self.case(message), group, to, &|wire| here.contains(&wire));
        let mut steps = Vec::new();
        for choice in &all {
            let taught = choice.crossed.first().is_some_and(|&first| {
                let Node::Legacy(next) = self.org.group_connectors[first].to else {
                    return false;
                };
                self.link_state.teaches(&self.org, first) && acts_on(next) != here
            });
            match taught {
                true => steps.push(Step::End(Fate::Waits)),
                false => steps.extend(self.follow(std::slice::from_ref(choice), failed)),
            }
        }
        if all.is_empty() {
            steps.push(Step::End(Fate::Waits));
        }
        steps
    }

    /// The ways of a legacy group under its own beliefs.
    pub(super) fn choices(&self, message: &Message, group: usize, to: &Target, failed: &[Wire]) -> Vec<Choice> {
        let down = |wire: Wire| failed.contains(&wire) && self.link_state.acts_on(&self.org, group, wire);
        choices(&self.case(message), group, to, &down)
    }

    fn legacy_steps(&self, message: &Message, group: usize, to: &Target, failed: &[Wire]) -> Vec<Step> {
        if matches!(to, Target::Place(Place::Group(home)) if *home == group) {
            return vec![Step::End(Fate::Delivered)];
        }
        self.follow(&self.choices(message, group, to, failed), failed)
    }

    /// The first step of each choice. Mail at a connector that has failed waits there, believed down or not.
    fn follow(&self, choices: &[Choice], failed: &[Wire]) -> Vec<Step> {
        let mut steps = Vec::new();
        for choice in choices {
            match (choice.crossed.first(), choice.exit) {
                (Some(&first), _) if failed.contains(&Wire::Between(first)) => steps.push(Step::End(Fate::Waits)),
                (Some(&first), _) => steps.extend(self.across(first)),
                (None, Some(exit)) if failed.contains(&Wire::Outside(exit)) => steps.push(Step::End(Fate::Waits)),
                (None, _) => steps.push(Step::End(Fate::Delivered)),
            }
        }
        if choices.is_empty() {
            steps.push(Step::End(Fate::Waits));
        }
        steps
    }

    /// Who has the mail on the other side of a connector between groups.
    pub(super) fn across(&self, connector: usize) -> Vec<Step> {
        let connector = &self.org.group_connectors[connector];
        let Node::Legacy(group) = connector.to else {
            return self.entering_2007(&connector.targets);
        };
        vec![self.step_to(|router| router.place == Place::Group(group))]
    }

    /// Any target server, by chance.
    fn entering_2007(&self, targets: &[usize]) -> Vec<Step> {
        self.steps_to(|router| targets.iter().any(|&server| is_served_by(&self.org, router, server)))
    }

    /// Over a connector whose source servers are in the site of a router of 2007 or later: a source server that would
    /// take the same connector sends, one that would not decides for itself.
    fn leaving_2007(&self, message: &Message, router: Sender, to: &Target, connector: usize) -> Vec<Step> {
        let org = &self.org;
        let mut steps = Vec::new();
        for &server in &org.group_connectors[connector].sources {
            let serves = |other: Sender| other.place == router.place && is_served_by(org, other, server);
            let Some(at) = self.routers.iter().position(|&router| serves(router)) else {
                continue;
            };
            let decision = decide(&self.case(message), self.routers[at], to);
            let agrees = decision
                .route
                .is_some_and(|route| matches!(route.crossed[0], Crossed::Connector(first) if first == connector));
            if self.routers[at] == router || (decision.outcome == "route" && agrees) {
                steps.extend(self.across(connector));
            } else {
                steps.push(Step::To(at));
            }
        }
        steps
    }

    /// The one way of a router of 2007 or later. It does not know what has failed, and its own connectors never
    /// are among that.
    pub(super) fn modern_steps(&self, message: &Message, router: Sender, to: &Target) -> Vec<Step> {
        let decision = decide(&self.case(message), router, to);
        let fate = match (decision.outcome, decision.route) {
            ("deliver", _) => Fate::Delivered,
            ("ndr", _) => Fate::Returned,
            ("route", Some(route)) => {
                return match (route.next_hop, route.crossed[0]) {
                    (Place::Group(_), Crossed::Connector(first)) => self.leaving_2007(message, router, to, first),
                    // RT-2.10: round robin over the servers of the site, whatever their generation.
                    (site, _) => self.steps_to(|router| router.place == site),
                };
            }
            _ => Fate::Waits,
        };
        vec![Step::End(fate)]
    }

    /// A group that still acts on the previous file, in which everything is known by its name. What it sends
    /// over a connector that is gone, or has another source by now, waits.
    fn unaware_steps(&self, message: &Message, group: usize, to: &Target, failed: &[Wire], old: &Network) -> Vec<Step> {
        let group_in = |name: &Name| old.org.groups.iter().position(|group| group.name == *name);
        let site_in = |name: &Name| old.org.sites.iter().position(|site| site.name == *name);
        let here = group_in(&self.org.groups[group].name);
        let target = match to {
            Target::Place(Place::Group(home)) if *home == group => return vec![Step::End(Fate::Delivered)],
            Target::Place(Place::Group(home)) => group_in(&self.org.groups[*home].name).map(Place::Group),
            Target::Place(Place::Site(site)) => site_in(&self.org.sites[*site].name).map(Place::Site),
            _ => None,
        };
        let target = match (target, to) {
            (Some(place), _) => Target::Place(place),
            (None, Target::External(_)) => to.clone(),
            (None, _) => return vec![Step::End(Fate::Waits)],
        };
        let (Some(here), true) = (here, here.is_some_and(|here| old.org.groups[here].has_server)) else {
            return vec![Step::End(Fate::Waits)];
        };
        let believed: Vec<&Name> = failed
            .iter()
            .filter(|&&wire| self.link_state.acts_on(&self.org, group, wire))
            .map(|&wire| name(&self.org, wire))
            .collect();
        let down = |wire: Wire| believed.contains(&name(&old.org, wire));
        let found = choices(&old.case(message), here, &target, &down);
        let mut steps = Vec::new();
        for choice in &found {
            match self.translated(&old.org, choice, group) {
                Some(choice) => steps.extend(self.follow(&[choice], failed)),
                None => steps.push(Step::End(Fate::Waits)),
            }
        }
        if found.is_empty() {
            steps.push(Step::End(Fate::Waits));
        }
        steps
    }

    /// The first connector of a choice of the previous file, in the present one.
    fn translated(&self, old: &Org, choice: &Choice, group: usize) -> Option<Choice> {
        let Some(&first) = choice.crossed.first() else {
            let exit = &old.connectors[choice.exit?].name;
            let at = self
                .org
                .connectors
                .iter()
                .position(|connector| connector.name == *exit)?;
            let still_here = self.org.connectors[at].group == Some(group);
            let usable = still_here && !self.org.connectors[at].usable_sources.is_empty();
            return usable.then_some(Choice {
                crossed: Sequence::new(),
                exit: Some(at),
            });
        };
        let wanted = &old.group_connectors[first].name;
        let at = self
            .org
            .group_connectors
            .iter()
            .position(|connector| connector.name == *wanted)?;
        let connector = &self.org.group_connectors[at];
        let usable = connector.usable && connector.from == Node::Legacy(group);
        usable.then_some(Choice {
            crossed: vec![at],
            exit: choice.exit,
        })
    }

    fn step_to(&self, is_wanted: impl Fn(Sender) -> bool) -> Step {
        let found = self.routers.iter().position(|&router| is_wanted(router));
        found.map_or(Step::End(Fate::Waits), Step::To)
    }

    fn steps_to(&self, is_wanted: impl Fn(Sender) -> bool) -> Vec<Step> {
        let all = (0..self.routers.len()).filter(|&at| is_wanted(self.routers[at]));
        let steps: Vec<Step> = all.map(Step::To).collect();
        if steps.is_empty() {
            vec![Step::End(Fate::Waits)]
        } else {
            steps
        }
    }
}

/// The rules that a version routes by, oldest first. RTM of 2007 has its own (R72).
fn rules(version: Version) -> u8 {
    match version.generation() {
        _ if version == Version::Exchange2007Rtm => 0,
        Generation::E2007 => 1,
        Generation::E2010 => 2,
        _ => 3,
    }
}

/// Whether a transport server belongs to a router of the 2007 group.
fn is_served_by(org: &Org, router: Sender, server: usize) -> bool {
    let Some(as_server) = router.server else {
        return false;
    };
    let version = |server: usize| org.servers[server].version;
    org.site_of(server).map(Place::Site) == Some(router.place) && rules(version(server)) == rules(version(as_server))
}

/// Legacy groups with a server, and each generation that has a transport server in a site.
fn routers(org: &Org) -> Vec<Sender> {
    let mut places: Vec<Place> = (0..org.sites.len()).map(Place::Site).collect();
    places.extend((0..org.groups.len()).map(Place::Group));
    places.retain(|&place| org.is_router(place));
    places.sort_by_key(|&place| org.place_order(place));
    let mut routers = Vec::new();
    for place in places {
        let Place::Site(_) = place else {
            routers.push(Sender { place, server: None });
            continue;
        };
        for generation in 0..=3 {
            let fits = |server: &usize| {
                let server = &org.servers[*server];
                server.transport && server.place == Some(place) && rules(server.version) == generation
            };
            // D3 within the generation: the newest, then the lowest name.
            let newest = (0..org.servers.len()).filter(fits).min_by(|&a, &b| {
                let (a, b) = (&org.servers[a], &org.servers[b]);
                b.version.cmp(&a.version).then(a.name.cmp(&b.name))
            });
            if let Some(server) = newest {
                let server = Some(server);
                routers.push(Sender { place, server });
            }
        }
    }
    routers
}
