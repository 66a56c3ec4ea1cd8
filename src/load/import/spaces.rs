//! Address spaces, connected domains and smart hosts as connectors hold them.

use indexmap::IndexSet;

use super::head::Head;
use super::limits::is_too_long;
use super::place::Place;
use super::report::Ledger;
use crate::model::{AddressSpace, AddressSpaceError};

/// The address spaces of a connector.
pub(super) struct Spaces {
    /// Each as `SMTP:*;1`, the type in upper case.
    pub(super) texts: IndexSet<String>,
    /// At least one had the prefix `Local:`, 2007's way to mark a connector as scoped.
    pub(super) local: bool,
}

/// Reads the entries of a connector's list; those that are no address space are left out.
pub(super) fn read(entries: Vec<(String, Place)>, subject: &str, ledger: &mut Ledger) -> Spaces {
    let mut spaces = Spaces {
        texts: IndexSet::new(),
        local: false,
    };
    for (text, place) in entries {
        if is_too_long(&text) {
            ledger.left_out(
                place,
                subject,
                "an address space: it is longer than a topology file may have",
            );
            continue;
        }
        match address_space(&text) {
            Ok((space, local)) => {
                spaces.local |= local;
                spaces.texts.insert(space);
            }
            Err(error) => ledger.left_out(place, subject, format!("address space `{text}`: {error}")),
        }
    }
    spaces
}

/// Reads `[Local:][TYPE:]ADDRESS[;COST]`, the type in any case, into `TYPE:ADDRESS;COST` and whether it was local.
fn address_space(text: &str) -> Result<(String, bool), AddressSpaceError> {
    let text = text.trim();
    let (local, rest) = match text.split_once(':') {
        Some((scope, rest)) if scope.eq_ignore_ascii_case("local") => (true, rest),
        _ => (false, text),
    };
    let space = match AddressSpace::parse(rest) {
        // Stored X.400 spaces may lack the cost that the shell insists on.
        Err(AddressSpaceError::MissingCost) => AddressSpace::parse(&format!("{};1", rest.trim_end_matches(';'))),
        read => read,
    }?;
    let text = format!("{}:{};{}", space.kind().folded(), space.value(), space.cost());
    Ok((text, local))
}

/// Splits `GROUP;COST` of the connector `head`, the cost of which may be missing.
pub(super) fn connected_domain<'t>(text: &'t str, head: &Head, ledger: &mut Ledger) -> (&'t str, Option<u32>) {
    let text = text.trim();
    let split = text.rsplit_once(';');
    match split.and_then(|(group, cost)| Some((group, cost.trim().parse().ok()?))) {
        Some((group, cost)) => {
            let otherwise = "the default of 1 holds";
            (group, head.cost(ledger, "connectedDomains", cost, u32::MAX, otherwise))
        }
        None => (text, None),
    }
}

/// Splits `relay.contoso.example,[10.0.0.1];…`; brackets around addresses go.
pub(super) fn smart_hosts(text: &str) -> Vec<String> {
    text.split([',', ';'])
        .map(|host| host.trim().trim_start_matches('[').trim_end_matches(']').to_owned())
        .filter(|host| !host.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_spaces_as_they_are_stored() {
        let space = |text: &str| address_space(text).ok();
        let read = |text: &str, local| Some((text.to_owned(), local));
        assert_eq!(space("smtp:*;1"), read("SMTP:*;1", false));
        assert_eq!(space("contoso.example"), read("SMTP:contoso.example;1", false));
        assert_eq!(
            space("Local:SMTP:contoso.example;1"),
            read("SMTP:contoso.example;1", true)
        );
        assert_eq!(
            space("X400:c=US;a= ;p=Contoso"),
            read("X400:c=US;a= ;p=Contoso;1", false)
        );
        assert_eq!(space("SMTP:*;200"), None);
        assert_eq!(space(""), None);
    }
}
