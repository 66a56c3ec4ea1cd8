//! The configuration partition as LDIF: what `ldifde`, `ldapsearch` and Samba's `ldbsearch` write.
//!
//! An entry's class is the last value of its `objectClass`. What an object belongs to is read from its distinguished name,
//! since connectors stand in the routing group that sends.

mod connectors;
mod directory;
mod record;
mod servers;
mod sites;
mod stores;

use directory::{Directory, Entry};

use super::draft::Drafts;
use crate::diagnostic::{Problem, Source};

/// What every entry has and routing has no use for.
const HOUSEKEEPING: &[&str] = &[
    "objectClass",
    "objectCategory",
    "objectGUID",
    "objectVersion",
    "distinguishedName",
    "cn",
    "name",
    "displayName",
    "adminDisplayName",
    "instanceType",
    "systemFlags",
    "showInAdvancedViewOnly",
    "whenCreated",
    "whenChanged",
    "uSNCreated",
    "uSNChanged",
    "dSCorePropagationData",
    "nTSecurityDescriptor",
    "replPropertyMetaData",
    "msExchVersion",
];

/// Whether a text begins as LDIF does: with a version, a comment or a name.
pub(super) fn looks_like_ldif(text: &str) -> bool {
    let start = text.trim_start();
    let begins = |word: &str| {
        start
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    ["version:", "dn:", "#"].into_iter().any(begins)
}

/// Reads all sources, each with its position among those of the import, as one directory.
pub(super) fn read(sources: &[(usize, &Source)], drafts: &mut Drafts) -> Result<(), Vec<Problem>> {
    let (mut records, mut problems) = (Vec::new(), Vec::new());
    for &(index, source) in sources {
        match record::records(source) {
            Ok(of_source) => records.extend(of_source.into_iter().map(|record| (index, record))),
            Err(problem) => problems.push(problem.in_source(index)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let (directory, entries) = Directory::new(records, &mut drafts.ledger);
    for mut entry in entries {
        let known = describe(&mut entry, &directory, drafts);
        drafts.ledger.read(&entry.head.class, known);
        if known {
            entry
                .head
                .count_unused(&mut entry.attributes, HOUSEKEEPING, &mut drafts.ledger);
        }
    }
    Ok(())
}

/// Adds what `entry` says to `drafts`; `false` if its class means nothing to routing.
fn describe(entry: &mut Entry<'_>, directory: &Directory, drafts: &mut Drafts) -> bool {
    match entry.head.class.to_ascii_lowercase().as_str() {
        "site" => sites::site(entry, drafts),
        "sitelink" => sites::site_link(entry, directory, drafts),
        "intersitetransport" => return sites::transport(entry, drafts),
        "msexchorganizationcontainer" => sites::organization(entry, drafts),
        "msexchexchangeserver" => servers::server(entry, directory, drafts),
        "msexchroutinggroup" => servers::routing_group(entry, directory, drafts),
        "msexchroutinggroupconnector" => connectors::routing_group_connector(entry, directory, drafts),
        "mailgateway" | "msexchroutingsmtpconnector" => connectors::smtp(entry, directory, drafts),
        // RFC 1006, X.25, RAS and TP4 links are all x400Link.
        class if class.ends_with("x400link") => connectors::x400(entry, directory, drafts),
        "msexchaccepteddomain" => stores::accepted_domain(entry, drafts),
        "msexchmdbavailabilitygroup" => stores::dag(entry, drafts),
        "msexchprivatemdb" => stores::database(entry, directory, drafts),
        "msexchmdbcopy" => stores::copy(entry, directory, drafts),
        _ => return false,
    }
    true
}
