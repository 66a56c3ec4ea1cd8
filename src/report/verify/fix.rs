//! Changes that end loops, as records.

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostic;
use crate::model::{FailureSet, Message, Organization, RoutingGroupConnectorIdx};
use crate::report::diff::{Totals, totals};
use crate::route::{Graphs, Options, View};
use crate::verify::{Edit, Repair, describe, suppression_everywhere};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EditRecord {
    /// `suppress_state_changes`, `restart_services` (where that value is set and not yet in effect), `appoint_master`,
    /// `delete_connector`, `lift_size_limit`, `lift_restrictions`, `set_cost`, `add_connectors`, `upgrade` or `remove_connector`;
    /// of `lint` also `allow_dearer_routes`, `set_hub_site`, `set_shadow_rejection`, `set_shadow_preference`,
    /// `set_safety_net_hold_time`, `set_timeouts` (of an idle connection and of any) and `set_acknowledgement_delay`.
    pub kind: &'static str,
    /// What is changed, by name.
    pub target: String,
    /// To what; `null` where it goes.
    pub value: Option<String>,
    /// The line that makes the change, one that asks first where the tool can; `null`: there is none, use the console.
    pub command: Option<String>,
}

/// Changes that clear every loop, verified, and what else they do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RepairRecord<'a> {
    /// What to change.
    pub edits: Vec<EditRecord>,
    /// How much that asks of an administrator.
    pub weight: u32,
    /// What becomes of the routes of ordinary mail.
    pub routes: Totals,
    /// Where suppression is among the changes, what the vendor recommends instead: suppression on every server of 2000 and 2003 (R37, R41).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recommended_by_vendor: Vec<EditRecord>,
    /// Connectors among the changes that refer clients to public folders, whose referrals are priced by them too.
    pub public_folder_referrals: Vec<&'a str>,
}

impl<'a> RepairRecord<'a> {
    pub(in crate::report) fn new(
        org: &'a Organization,
        graphs: &Graphs,
        options: Options,
        repair: &Repair,
    ) -> RepairRecord<'a> {
        let (message, down) = (Message::default(), FailureSet::default());
        let after_graphs = Graphs::new(&repair.repaired);
        let before = View::new(org, graphs, options, &message, &down);
        let after = View::new(&repair.repaired, &after_graphs, options, &message, &down);
        let touched = repair.edits.iter().filter_map(|edit| match edit {
            Edit::SetCost(index, _) | Edit::Remove(index) => Some(*index),
            _ => None,
        });
        let suppresses = repair.edits.iter().any(|edit| matches!(edit, Edit::Suppress(_)));
        let by_vendor = if suppresses {
            suppression_everywhere(org)
        } else {
            Vec::new()
        };
        let refers = |index: &RoutingGroupConnectorIdx| org.routing_group_connectors()[*index].public_folder_referrals;
        RepairRecord {
            edits: repair.edits.iter().map(|edit| EditRecord::new(org, edit)).collect(),
            weight: repair.edits.iter().map(Edit::weight).sum(),
            routes: totals(&before, &after),
            recommended_by_vendor: by_vendor.iter().map(|edit| EditRecord::new(org, edit)).collect(),
            public_folder_referrals: touched
                .filter(refers)
                .map(|index| org.routing_group_connectors()[index].name.as_str())
                .collect(),
        }
    }
}

impl EditRecord {
    pub(in crate::report) fn new(org: &Organization, edit: &Edit) -> EditRecord {
        EditRecord::from(&describe(org, edit))
    }
}

impl From<&diagnostic::Edit> for EditRecord {
    fn from(edit: &diagnostic::Edit) -> EditRecord {
        EditRecord {
            kind: edit.kind,
            target: edit.target.clone(),
            value: edit.value.clone(),
            command: edit.command.clone(),
        }
    }
}
