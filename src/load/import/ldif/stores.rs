//! Accepted domains, DAGs and mailbox databases.

use super::directory::{Directory, Entry, server_of};
use crate::load::import::draft::{AcceptedDomain, Dag, Database, DatabaseCopy, Drafts, Ref, StoredCopy};
use crate::model::AcceptedDomainKind;

/// `msExchAcceptedDomain`
pub(super) fn accepted_domain(entry: &mut Entry<'_>, drafts: &mut Drafts) {
    let Some(domain) = entry.text("msExchAcceptedDomainName", &mut drafts.ledger) else {
        entry
            .head
            .left_out(&mut drafts.ledger, "it has no msExchAcceptedDomainName");
        return;
    };
    let flags = entry.integer("msExchAcceptedDomainFlags", &mut drafts.ledger);
    entry.head.assume(
        &mut drafts.ledger,
        "msExchAcceptedDomainFlags is not documented: a domain with none of its two low bits is authoritative; \
         compare with Get-AcceptedDomain",
    );
    let kind = (flags.unwrap_or(0) & 3 == 0).then_some(AcceptedDomainKind::Authoritative);
    drafts
        .accepted_domains
        .push(entry.head.object_called(&domain, AcceptedDomain { kind }));
}

/// `msExchMDBAvailabilityGroup`; its members name it, not the reverse.
pub(super) fn dag(entry: &mut Entry<'_>, drafts: &mut Drafts) {
    drafts.dags.push(entry.head.object(Dag::default()));
}

/// `msExchPrivateMDB`: since 2010 its home is named; before, it stands below its server.
pub(super) fn database(entry: &mut Entry<'_>, directory: &Directory, drafts: &mut Drafts) {
    let ledger = &mut drafts.ledger;
    let home = entry.dn("msExchMasterServerOrAvailabilityGroup", directory, ledger);
    let owner = entry.dn("msExchOwningServer", directory, ledger);
    let home = home.as_ref().map(Ref::at).or_else(|| owner.as_ref().map(server_of));
    let home = home.or_else(|| entry.dn.child_of("Servers").as_ref().map(Ref::at));
    drafts.databases.push(entry.head.object(Database {
        home,
        copies: Vec::new(),
    }));
}

/// `msExchMDBCopy`: stands below its database.
pub(super) fn copy(entry: &mut Entry<'_>, directory: &Directory, drafts: &mut Drafts) {
    let ledger = &mut drafts.ledger;
    let host = entry.dn("msExchHostServerLink", directory, ledger);
    let preference = entry.integer("msExchActivationPreference", ledger);
    let (Some(host), Some(database)) = (host.as_ref(), entry.dn.parent()) else {
        entry.head.left_out(ledger, "it does not say which server holds it");
        return;
    };
    drafts.database_copies.push(StoredCopy {
        database: database.key(),
        preference: preference.unwrap_or(i64::MAX),
        copy: entry.head.object(DatabaseCopy {
            server: server_of(host),
            replay_lag: None,
        }),
    });
}
