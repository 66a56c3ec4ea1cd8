//! Versions, roles and sizes as directories and cmdlets write them.

use crate::model::{Role, SizeLimit, Version, parse_size};

/// The version that a build number stands for; `None` for builds that no product has.
///
/// Source: the published build numbers of Exchange (learn.microsoft.com, "Exchange Server build numbers and release
/// dates"). Minor numbers of 8 and 14 are service packs; Exchange SE began with build 15.2.2562.
pub(super) fn version(major: u32, minor: u32, build: u32) -> Option<Version> {
    // The directory adds 30000 to the builds of 2007 and later in `serialNumber`.
    let build = if major >= 8 && build >= 30_000 {
        build - 30_000
    } else {
        build
    };
    match (major, minor) {
        (5, 5) => Some(Version::Exchange55),
        (6, 0) => Some(Version::Exchange2000),
        (6, 5) => Some(Version::Exchange2003),
        (8, 0) => Some(Version::Exchange2007Rtm),
        (8, 1) => Some(Version::Exchange2007Sp1),
        (8, 2) => Some(Version::Exchange2007Sp2),
        (8, 3) => Some(Version::Exchange2007Sp3),
        (14, 0) => Some(Version::Exchange2010Rtm),
        (14, 1) => Some(Version::Exchange2010Sp1),
        (14, 2) => Some(Version::Exchange2010Sp2),
        (14, 3) => Some(Version::Exchange2010Sp3),
        (15, 0) => Some(Version::Exchange2013),
        (15, 1) => Some(Version::Exchange2016),
        (15, 2) if build >= 2562 => Some(Version::ExchangeSe),
        (15, 2) => Some(Version::Exchange2019),
        _ => None,
    }
}

/// Reads `Version 6.5 (Build 6944.4)` and `15.1.2507.18`, with whatever service pack follows.
pub(super) fn version_text(text: &str) -> Option<Version> {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .map(str::parse::<u32>);
    let major = numbers.next()?.ok()?;
    let minor = numbers.next()?.ok()?;
    let build = numbers.next().and_then(Result::ok).unwrap_or(0);
    version(major, minor, build)
}

/// Reads the directory's `versionNumber`: packed from 2007 on, before that the bare build.
///
/// Source: the builds that Microsoft lists for each version; 2000 and 2003 never had builds of each other.
pub(super) fn version_number(number: i64) -> Option<Version> {
    let number = u32::try_from(number).ok()?;
    match number {
        0x0001_0000.. => version((number >> 22) & 63, (number >> 16) & 63, number & 0x7fff),
        1960..=2658 => Some(Version::Exchange55),
        4417..=6699 => Some(Version::Exchange2000),
        6700..=8399 => Some(Version::Exchange2003),
        _ => None,
    }
}

/// The roles in `msExchCurrentServerRoles` or the number of PowerShell's `ServerRole`; `None` when no known bit is set.
///
/// Source: the values of the enumeration that Get-ExchangeServer shows. From 2013 on `Mailbox` holds what used to be Hub Transport and Unified Messaging, from 2016 on
/// Client Access, too; a 2013 server without it is a Client Access server (16385).
pub(super) fn roles(bits: i64, version: Option<Version>) -> Option<Vec<Role>> {
    let has = |bit: i64| bits & bit != 0;
    let since = |first: Version| version.is_some_and(|version| version >= first);
    let since_2013 = since(Version::Exchange2013);
    let part_of_mailbox: &[Role] = match has(2) {
        true if since(Version::Exchange2016) => &[Role::HubTransport, Role::UnifiedMessaging, Role::ClientAccess],
        true if since_2013 => &[Role::HubTransport, Role::UnifiedMessaging],
        _ => &[],
    };
    let mut roles = Vec::new();
    for (bit, role) in [
        (32, Role::HubTransport),
        (2, Role::Mailbox),
        (64, Role::EdgeTransport),
        (4, Role::ClientAccess),
        (16, Role::UnifiedMessaging),
    ] {
        if has(bit) && !part_of_mailbox.contains(&role) {
            roles.push(role);
        }
    }
    if roles.is_empty() && since_2013 && (has(1) || has(16_384)) {
        roles.push(Role::ClientAccess);
    }
    (!roles.is_empty()).then_some(roles)
}

/// Reads `35 MB (36,700,160 bytes)`, `10MB`, `Unlimited`, a number of bytes.
pub(super) fn size(text: &str) -> Option<SizeLimit> {
    let text = text.trim();
    // The exact number stands in the brackets, grouped as the exporting machine's language wants it.
    if let Some((_, bracket)) = text.split_once('(') {
        let digits: String = bracket.chars().filter(char::is_ascii_digit).collect();
        return digits.parse().ok().map(SizeLimit::Bytes);
    }
    parse_size(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_they_are_stored() {
        for (number, expect) in [
            (1_937_801_568, Some(Version::Exchange2010Rtm)),
            (1_912_832_085, Some(Version::Exchange2007Sp3)),
            (6944, Some(Version::Exchange2003)),
            (6249, Some(Version::Exchange2000)),
            (0, None),
            (-1, None),
            (i64::MAX, None),
        ] {
            assert_eq!(version_number(number), expect, "{number}");
        }
        for (text, expect) in [
            ("Version 6.5 (Build 6944.4)", Some(Version::Exchange2003)),
            (
                "Version 6.5 (Build 7638.2: Service Pack 2)",
                Some(Version::Exchange2003),
            ),
            ("Version 8.1 (Build 30240.6)", Some(Version::Exchange2007Sp1)),
            ("Version 15.2 (Build 986.5)", Some(Version::Exchange2019)),
            ("Version 15.2 (Build 31748.10)", Some(Version::Exchange2019)),
            ("Version 15.2 (Build 32562.17)", Some(Version::ExchangeSe)),
            ("Version 99999999999999999999.1", None),
            ("", None),
        ] {
            assert_eq!(version_text(text), expect, "{text}");
        }
    }

    #[test]
    fn roles_are_bits() {
        use Role::{ClientAccess, EdgeTransport, HubTransport, Mailbox};
        let v2010 = Some(Version::Exchange2010Sp3);
        let v2013 = Some(Version::Exchange2013);
        assert_eq!(roles(38, v2010), Some(vec![HubTransport, Mailbox, ClientAccess]));
        assert_eq!(roles(64, v2010), Some(vec![EdgeTransport]));
        assert_eq!(roles(54, v2013), Some(vec![Mailbox, ClientAccess]));
        assert_eq!(roles(16_439, Some(Version::Exchange2016)), Some(vec![Mailbox]));
        assert_eq!(roles(16_385, v2013), Some(vec![ClientAccess]));
        assert_eq!(roles(0, v2010), None);
    }

    #[test]
    fn sizes_with_their_exact_number_in_brackets() {
        assert_eq!(size("35 MB (36,700,160 bytes)"), Some(SizeLimit::Bytes(36_700_160)));
        assert_eq!(size("35 MB (36.700.160 Bytes)"), Some(SizeLimit::Bytes(36_700_160)));
        assert_eq!(size("unlimited"), Some(SizeLimit::Unlimited));
        assert_eq!(size("large"), None);
    }
}
