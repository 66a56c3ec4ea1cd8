//! Recipient addresses, address spaces, and how well a space matches.

use std::collections::BTreeSet;
use std::fmt;

use super::Name;

/// An address of some type: `SMTP` unless a prefix says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    kind: Name,
    value: Name,
}

impl Address {
    /// Reads `[TYPE:]value`. A type is one or more ASCII letters and digits.
    pub fn parse(text: &str) -> Address {
        let (kind, value) = split_type(text.trim());
        Address {
            kind: Name::new(kind.unwrap_or("SMTP")),
            value: Name::new(value),
        }
    }

    /// The type, such as `SMTP`; compares without case.
    pub fn kind(&self) -> &Name {
        &self.kind
    }

    /// What follows the type.
    pub fn value(&self) -> &Name {
        &self.value
    }

    /// Whether the type is SMTP.
    pub fn is_smtp(&self) -> bool {
        self.kind.folded() == "SMTP"
    }

    /// What equality looks at, to sort and search by.
    pub(crate) fn key(&self) -> (&str, &str) {
        (self.kind.folded(), self.value.folded())
    }

    /// The part after the last `@`, or all of it (D21), folded; meaningful for SMTP.
    pub fn domain(&self) -> &str {
        let value = self.value.folded();
        value.rsplit_once('@').map_or(value, |(_, domain)| domain)
    }
}

/// `SMTP:ann@contoso.example`, with the type as it was written.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_smtp() {
            write!(f, "{}", self.value)
        } else {
            write!(f, "{}:{}", self.kind, self.value)
        }
    }
}

fn split_type(text: &str) -> (Option<&str>, &str) {
    match text.split_once(':') {
        Some((kind, value)) if !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            (Some(kind), value)
        }
        _ => (None, text),
    }
}

/// A set of addresses that a connector serves, with the cost of serving them there (RT-2.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressSpace {
    kind: Name,
    value: Name,
    pattern: Pattern,
    cost: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    /// `*`
    Everything,
    /// SMTP `d`, or any other text that has to be the same; folded.
    Exact(String),
    /// SMTP `*.d`: `d` and what ends in `.d`; folded.
    Subdomains(String),
    /// SMTP `--`: the accepted domains, seen from an Edge server (RT-2.14).
    AcceptedDomains,
    /// Other types, `prefix*`; folded.
    Prefix(String),
    /// X.400: folded attribute names and values.
    X400(Vec<(String, String)>),
}

/// How closely a space fits an address; the greater the closer. Compare only matches of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Specificity {
    /// 2: the same text; 1: a pattern; 0: everything.
    class: u8,
    /// Length of the fixed part in characters, or number of X.400 attributes.
    length: u32,
}

impl Specificity {
    /// That of `--` for an Edge server, which stands for the accepted domains one by one (RT-2.14).
    pub const ACCEPTED_DOMAIN: Specificity = Specificity { class: 2, length: 0 };
}

/// Why a text is no address space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressSpaceError {
    /// No value at all.
    Empty,
    /// An SMTP value that is none of `*`, `*.domain`, `domain`, `--`.
    MalformedDomain,
    /// The cost is no number in 1..=100.
    MalformedCost(String),
    /// A value that holds `;` and does not end in `;COST`.
    MissingCost,
    /// An X.400 value that is not `name=value` joined by `;` or `/`.
    MalformedX400,
    /// An X.400 value that names an attribute twice.
    RepeatedX400,
}

impl fmt::Display for AddressSpaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AddressSpaceError::Empty => f.write_str("there is no value"),
            AddressSpaceError::MalformedDomain => f.write_str("an SMTP space is `*`, `*.domain`, `domain` or `--`"),
            AddressSpaceError::MalformedCost(text) => {
                write!(f, "the cost `{}` is no number from 1 to 100", text.escape_debug())
            }
            AddressSpaceError::MissingCost => f.write_str("a value that holds `;` has to end in `;COST`"),
            AddressSpaceError::MalformedX400 => {
                f.write_str("an X.400 space is `name=value` joined by `;` or `/`, such as `c=us;a=;p=Contoso;1`")
            }
            AddressSpaceError::RepeatedX400 => f.write_str(
                "an X.400 space names every attribute once: number those that repeat, such as `ou1` and `ou2`",
            ),
        }
    }
}

impl AddressSpace {
    /// Reads `[TYPE:]VALUE[;COST]`: type SMTP and cost 1 unless given, cost 1..=100 (RT-2.6.1).
    ///
    /// The cost is what follows the last `;`, since X.400 values hold `;` themselves.
    pub fn parse(text: &str) -> Result<AddressSpace, AddressSpaceError> {
        let (kind, rest) = split_type(text.trim());
        let kind = Name::new(kind.unwrap_or("SMTP"));
        let is_smtp = kind.folded() == "SMTP";
        let (value, cost) = match rest.rsplit_once(';') {
            None => (rest, 1),
            Some((value, cost)) => {
                let number = cost.trim().parse::<u32>().ok();
                match number.filter(|n| (1..=100).contains(n)) {
                    Some(number) => (value, number),
                    // In `c=us;a=x` the last part is a value, not a bad cost.
                    None if !is_smtp && cost.parse::<i64>().is_err() => {
                        return Err(AddressSpaceError::MissingCost);
                    }
                    None => return Err(AddressSpaceError::MalformedCost(cost.to_owned())),
                }
            }
        };
        let value = Name::new(value.trim());
        let pattern = match kind.folded() {
            _ if value.as_str().is_empty() => return Err(AddressSpaceError::Empty),
            _ if value.as_str() == "*" => Pattern::Everything,
            "SMTP" => smtp_pattern(value.folded()).ok_or(AddressSpaceError::MalformedDomain)?,
            "X400" => Pattern::X400(x400_pattern(value.folded())?),
            _ => match value.folded().strip_suffix('*') {
                Some(prefix) => Pattern::Prefix(prefix.to_owned()),
                None => Pattern::Exact(value.folded().to_owned()),
            },
        };
        Ok(AddressSpace {
            kind,
            value,
            pattern,
            cost,
        })
    }

    /// The type, such as `SMTP`.
    pub fn kind(&self) -> &Name {
        &self.kind
    }

    /// The value, such as `*.contoso.example`.
    pub fn value(&self) -> &Name {
        &self.value
    }

    /// The cost, 1..=100.
    pub fn cost(&self) -> u32 {
        self.cost
    }

    /// Whether this is the `--` of an Edge subscription, which [`AddressSpace::matches`] never matches.
    pub fn is_accepted_domains(&self) -> bool {
        self.pattern == Pattern::AcceptedDomains
    }

    /// How closely the space fits, or `None` when it does not (RT-2.6.1, D25). Types never cross.
    pub fn matches(&self, address: &Address) -> Option<Specificity> {
        if self.kind != address.kind {
            return None;
        }
        let value = match self.kind.folded() {
            "SMTP" => address.domain(),
            _ => address.value.folded(),
        };
        let fits = |class, length: usize| {
            Some(Specificity {
                class,
                length: u32::try_from(length).unwrap_or(u32::MAX),
            })
        };
        match &self.pattern {
            Pattern::Everything => fits(0, 0),
            Pattern::AcceptedDomains => None,
            Pattern::Exact(text) if text == value => fits(2, text.chars().count()),
            Pattern::Exact(_) => None,
            Pattern::Subdomains(domain) if is_in_domain(value, domain) => fits(1, domain.chars().count()),
            Pattern::Subdomains(_) => None,
            Pattern::Prefix(prefix) if value.starts_with(prefix) => fits(1, prefix.chars().count()),
            Pattern::Prefix(_) => None,
            Pattern::X400(wanted) => {
                // An address without attributes has none that a space names; of one that is there twice the first counts.
                let has = x400_attributes(value).unwrap_or_default();
                let of_address = |name: &str| has.iter().find(|(known, _)| known == name).map(|(_, value)| value);
                let fits_all = wanted
                    .iter()
                    .all(|(name, value)| value == "*" || of_address(name) == Some(value));
                let named = wanted.iter().filter(|(_, value)| value != "*").count();
                // One that says nothing fits no closer than `*` does.
                if fits_all {
                    fits(u8::from(named > 0), named)
                } else {
                    None
                }
            }
        }
    }
}

/// `SMTP:*.contoso.example;5`
impl fmt::Display for AddressSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{};{}", self.kind, self.value, self.cost)
    }
}

/// Whether `value` is `domain` or one of its subdomains. Both folded.
pub(super) fn is_in_domain(value: &str, domain: &str) -> bool {
    value
        .strip_suffix(domain)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn smtp_pattern(value: &str) -> Option<Pattern> {
    if value == "--" {
        return Some(Pattern::AcceptedDomains);
    }
    let (domain, subdomains) = match value.strip_prefix("*.") {
        Some(domain) => (domain, true),
        None => (value, false),
    };
    let domain = is_domain(domain).then(|| domain.to_owned())?;
    Some(if subdomains {
        Pattern::Subdomains(domain)
    } else {
        Pattern::Exact(domain)
    })
}

/// Labels of letters, digits, hyphens and underscores, joined by dots (RFC 1035; underscores and letters beyond ASCII occur in the field).
pub(super) fn is_domain(text: &str) -> bool {
    text.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    })
}

/// The attributes that an X.400 space names, each once: an address has one value of each (D25).
fn x400_pattern(value: &str) -> Result<Vec<(String, String)>, AddressSpaceError> {
    let attributes = x400_attributes(value).ok_or(AddressSpaceError::MalformedX400)?;
    let names: BTreeSet<&str> = attributes.iter().map(|(name, _)| name.as_str()).collect();
    match names.len() == attributes.len() {
        true => Ok(attributes),
        false => Err(AddressSpaceError::RepeatedX400),
    }
}

/// The attributes of an X.400 address, separated by `;` or `/`. `None` when a part is not `name=value`.
fn x400_attributes(value: &str) -> Option<Vec<(String, String)>> {
    value
        .split([';', '/'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=')?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'a>(spaces: &[&'a str], address: &str) -> Option<&'a str> {
        let address = Address::parse(address);
        spaces
            .iter()
            .filter_map(|text| {
                let space = AddressSpace::parse(text).expect("a space");
                Some((space.matches(&address)?, *text))
            })
            .max_by_key(|(specificity, _)| *specificity)
            .map(|(_, text)| text)
    }

    #[test]
    fn the_most_specific_space_wins() {
        for (why, spaces, address, expect) in [
            (
                "RW21: exact",
                &["*", "*.contoso.com", "marketing.contoso.com"][..],
                "j@marketing.contoso.com",
                Some("marketing.contoso.com"),
            ),
            (
                "RW21: then the subdomains",
                &["*", "*.contoso.com"],
                "j@marketing.contoso.com",
                Some("*.contoso.com"),
            ),
            (
                "exact beats *.d for d itself",
                &["*.contoso.com", "contoso.com"],
                "j@Contoso.com",
                Some("contoso.com"),
            ),
            (
                "*.d includes d",
                &["*.contoso.com"],
                "j@contoso.com",
                Some("*.contoso.com"),
            ),
            (
                "d does not include its subdomains",
                &["contoso.com"],
                "j@a.contoso.com",
                None,
            ),
            (
                "a suffix is not a subdomain",
                &["*.contoso.com"],
                "j@mycontoso.com",
                None,
            ),
            ("types never cross", &["SMTP:*"], "FAX:123", None),
            (
                "longer prefix",
                &["FAX:*", "FAX:+1*", "FAX:+1425*"],
                "fax:+1425555",
                Some("FAX:+1425*"),
            ),
            (
                "more X.400 attributes",
                &["X400:c=us;1", "X400:c=us;a=x;p=y;1"],
                "X400:c=US/a=X/p=Y/o=Z",
                Some("X400:c=us;a=x;p=y;1"),
            ),
            ("-- is for Edge servers", &["--"], "j@contoso.com", None),
        ] {
            assert_eq!(best(spaces, address), expect, "{why}");
        }
    }

    #[test]
    fn malformed_spaces_say_why() {
        for (text, expect) in [
            ("*contoso.com", AddressSpaceError::MalformedDomain),
            ("contoso..com", AddressSpaceError::MalformedDomain),
            ("SMTP:", AddressSpaceError::Empty),
            ("contoso.com;0", AddressSpaceError::MalformedCost("0".into())),
            ("contoso.com;101", AddressSpaceError::MalformedCost("101".into())),
            ("contoso.com;cheap", AddressSpaceError::MalformedCost("cheap".into())),
            ("X400:c=us;a=x", AddressSpaceError::MissingCost),
            ("X400:us;1", AddressSpaceError::MalformedX400),
        ] {
            assert_eq!(AddressSpace::parse(text), Err(expect), "{text}");
        }
        let space = AddressSpace::parse("contoso.com").expect("a space");
        assert_eq!(space.to_string(), "SMTP:contoso.com;1");
    }

    #[test]
    fn an_x400_attribute_has_one_value() {
        let twice = AddressSpace::parse("X400:c=us;ou=a;ou=b;1");
        assert_eq!(twice, Err(AddressSpaceError::RepeatedX400));
        let matches = |space: &str, address: &str| {
            let space = AddressSpace::parse(space).expect("a space");
            space.matches(&Address::parse(address)).is_some()
        };
        assert!(matches("X400:ou=sales;1", "X400:c=us;ou=sales;ou=east"));
        assert!(!matches("X400:ou=east;1", "X400:c=us;ou=sales;ou=east"));
        // `*` asks for nothing, not even for attributes.
        assert!(matches("X400:c=*;1", "X400:somebody"));
        assert!(!matches("X400:c=us;1", "X400:somebody"));
    }
}
