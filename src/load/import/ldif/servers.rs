//! Exchange servers and routing groups.

use super::directory::{Directory, Entry, server_of};
use crate::load::import::draft::{Drafts, Master, Ref, RoutingGroup, Server};
use crate::load::import::scalar;
use crate::model::{Role, Version};

/// `msExchExchangeServer`
///
/// It stands below an administrative group: its site is what `msExchServerSite` says, not where it stands.
pub(super) fn server(entry: &mut Entry<'_>, directory: &Directory, drafts: &mut Drafts) {
    drafts.organization_of(&entry.dn);
    let ledger = &mut drafts.ledger;
    let number = entry.integer("versionNumber", ledger);
    let version = entry
        .text("serialNumber", ledger)
        .and_then(|text| scalar::version_text(&text))
        .or_else(|| number.and_then(scalar::version_number));
    let site = entry.dn("msExchServerSite", directory, ledger);
    let routing_group = entry.dn("msExchHomeRoutingGroup", directory, ledger);
    let dag = entry.dn("msExchMDBAvailabilityGroupLink", directory, ledger);
    let fqdn = entry
        .texts("networkAddress", ledger)
        .into_iter()
        .find_map(|(address, _)| {
            let (protocol, host) = address.split_once(':')?;
            protocol
                .eq_ignore_ascii_case("ncacn_ip_tcp")
                .then(|| host.trim().to_owned())
        });
    let Some(roles) = roles(entry, version, drafts) else {
        return;
    };
    drafts.servers.push(entry.head.object(Server {
        fqdn,
        version,
        site: site.as_ref().map(Ref::at),
        routing_group: routing_group.as_ref().map(Ref::at),
        roles,
        dag: dag.as_ref().map(Ref::at),
    }));
}

/// The roles, none for legacy servers; `None` if the server has nothing installed.
fn roles(entry: &mut Entry<'_>, version: Option<Version>, drafts: &mut Drafts) -> Option<Vec<Role>> {
    let bits = entry.integer("msExchCurrentServerRoles", &mut drafts.ledger);
    let mut about = entry.head.about(&mut drafts.ledger);
    let legacy = version.is_none_or(Version::is_legacy);
    match bits {
        _ if legacy => Some(Vec::new()),
        None => {
            about.assume("msExchCurrentServerRoles is missing: the usual roles of the version");
            Some(Vec::new())
        }
        Some(bits) => {
            let roles = scalar::roles(bits, version);
            if roles.is_none() {
                about.left_out(format!(
                    "msExchCurrentServerRoles is {bits}, which names no role: the server is left out"
                ));
            }
            roles
        }
    }
}

/// `msExchRoutingGroup`
pub(super) fn routing_group(entry: &mut Entry<'_>, directory: &Directory, drafts: &mut Drafts) {
    drafts.organization_of(&entry.dn);
    let ledger = &mut drafts.ledger;
    let master = entry.dn("msExchRoutingMasterDN", directory, ledger).map(|dn| {
        if dn.is_deleted() {
            Master::Deleted
        } else {
            Master::Server(server_of(&dn))
        }
    });
    let mut members = entry.dns("msExchRoutingGroupMembersDN", directory, ledger);
    members.extend(entry.dns("msExchRoutingGroupMembersBL", directory, ledger));
    let members = members.iter().map(server_of).collect();
    drafts
        .routing_groups
        .push(entry.head.object(RoutingGroup { master, members }));
}
