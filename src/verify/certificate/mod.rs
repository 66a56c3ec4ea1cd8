//! A certificate of what a verification claims, and a checker that does not search.
//!
//! The certificate lists, for every recipient and class of messages, the failure sets that were tried and the least costs
//! that legacy groups went by. The checker does not have to find anything: it holds the costs against every connector
//! (no connector offers a cheaper way, and some connector offers exactly this), reads the choices of every router off them,
//! sees that no circle is there, and that every set with one connector more that could change something is listed too. That
//! is linear in the certificate times the connectors of a group.
//!
//! Search and checker share the model, what is to be proved ([`super::recipients`], [`super::message_classes`]) and what a 2007+
//! server decides, which depends on no failure ([`crate::delivery::explain`]): a second engine for that would prove the
//! engine, not the claim. Who believes what, what legacy groups choose, circles and hot connectors are worked out anew.

mod check;
mod exits;
mod ground;

use serde::{Deserialize, Serialize};

pub use self::check::{Checked, Flaw, check};
use super::scene::{Failed, Scene};
use super::{Recipient, World};
use crate::model::{GroupRef, Organization};

/// The value of `format` in [`Certificate`].
pub const CERTIFICATE_FORMAT: &str = "bridgehead.certificate/1";

/// What a verification claims, with what it takes to check it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// `bridgehead.certificate/1`.
    pub format: String,
    /// Most connectors that fail at the same time.
    pub max_failures: usize,
    /// One for each recipient and each kind of class that routers tell apart.
    pub claims: Vec<Claim>,
}

/// The part of one recipient and of classes that no router tells apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// `site:NAME`, `rg:NAME` or an address space.
    pub recipient: String,
    /// Positions in the list of all classes.
    pub classes: Vec<usize>,
    /// Failure sets that were tried, by the names of the connectors.
    pub sets: Vec<Vec<String>>,
    /// Least costs, each for what a group heads for and believes down.
    pub costs: Vec<Costs>,
}

/// Least costs from every group to the nearest of some ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Groups and what it costs to be there; an empty name is the 2007 group.
    pub ends: Vec<(String, u64)>,
    /// Connectors believed down, by name.
    pub believed: Vec<String>,
    /// By legacy group in name order, the 2007 group last; `null`: no end can be reached.
    pub costs: Vec<Option<u64>>,
}

/// How a certificate calls a recipient.
pub(super) fn recipient_name(org: &Organization, recipient: &Recipient) -> String {
    match recipient {
        Recipient::Node(node @ crate::model::Node::Site(_)) => format!("site:{}", org.node_name(*node)),
        Recipient::Node(node @ crate::model::Node::RoutingGroup(_)) => format!("rg:{}", org.node_name(*node)),
        Recipient::AddressSpace { space, .. } => space.clone(),
    }
}

/// How a certificate calls a group.
pub(super) fn end_name(org: &Organization, group: GroupRef) -> String {
    match group {
        GroupRef::Exchange2007 => String::new(),
        GroupRef::Legacy(_) => org.group_name(group).to_owned(),
    }
}

/// The claim of a search that tried `sets`.
pub(super) fn claim(
    world: &World<'_>,
    recipient: &Recipient,
    classes: &[usize],
    sets: &[Failed],
    scene: &Scene<'_>,
) -> Claim {
    let believable = world.beliefs.believable();
    let names = |failed: &Failed| {
        let connectors = failed.iter().map(|position| believable.connector(*position));
        connectors
            .map(|connector| world.org.connector_name(connector).to_string())
            .collect::<Vec<String>>()
    };
    let costs = scene.computed().map(|(mut ends, believed, distances)| {
        ends.sort_unstable();
        ends.dedup();
        Costs {
            ends: ends
                .into_iter()
                .map(|(group, cost)| (end_name(world.org, group), cost))
                .collect(),
            believed: names(believed),
            costs: world
                .network
                .groups()
                .map(|group| world.network.cost(distances, group))
                .collect(),
        }
    });
    Claim {
        recipient: recipient_name(world.org, recipient),
        classes: classes.to_vec(),
        sets: sets.iter().map(names).collect(),
        costs: costs.collect(),
    }
}
