//! Address spaces (RT-2.6.1, D25): which addresses they match, and how specifically.

use super::names::upper;

/// `[TYPE:]VALUE[;COST]`.
#[derive(Debug, Clone)]
pub(super) struct Space {
    /// Upper case.
    pub(super) kind: String,
    pub(super) value: String,
    pub(super) cost: u64,
}

/// The recipient of a message, outside the organization.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// Upper case: types never cross, and their case does not count.
    pub(super) kind: String,
    pub(super) value: String,
}

/// How well a space fits: the more specific is the greater. An exact one is above every pattern, and among
/// patterns counts the length of what they spell out (for X.400 the number of attributes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Specificity {
    exact: bool,
    spelled_out: usize,
}

const WHOLE: Specificity = Specificity {
    exact: true,
    spelled_out: 0,
};
const ANYTHING: Specificity = Specificity {
    exact: false,
    spelled_out: 0,
};

fn typed(text: &str) -> (String, &str) {
    match text.split_once(':') {
        Some((kind, value)) => (upper(kind), value),
        None => ("SMTP".to_owned(), text),
    }
}

impl Address {
    pub(super) fn parse(text: &str) -> Self {
        let (kind, value) = typed(text);
        Self {
            kind,
            value: value.to_owned(),
        }
    }

    /// D21: a value without `@` is a domain.
    pub(super) fn domain(&self) -> &str {
        self.value
            .rsplit_once('@')
            .map_or(self.value.as_str(), |(_, domain)| domain)
    }
}

impl Space {
    pub(super) fn parse(text: &str) -> Self {
        let (kind, rest) = typed(text);
        // The last part is a cost when it is a number: a value with `;` in it has to carry one.
        let (value, cost) = match rest.rsplit_once(';').map(|(value, cost)| (value, cost.parse())) {
            Some((value, Ok(cost))) => (value, cost),
            _ => (rest, 1),
        };
        Self {
            kind,
            value: value.to_owned(),
            cost,
        }
    }

    /// `None` when the space does not match.
    pub(super) fn specificity(&self, address: &Address) -> Option<Specificity> {
        if self.kind != address.kind {
            return None;
        }
        match self.kind.as_str() {
            "SMTP" => domain_specificity(&self.value, address.domain()),
            "X400" => x400_specificity(&self.value, &address.value),
            _ => text_specificity(&self.value, &address.value),
        }
    }
}

/// Exact first, then `*.d` by the length of `d`, then `*`. `*.d` matches `d` and its subdomains.
/// `--` is for an Edge server as sender and matches for nobody else.
pub(super) fn domain_specificity(pattern: &str, domain: &str) -> Option<Specificity> {
    let (pattern, domain) = (upper(pattern), upper(domain));
    if pattern == "*" {
        return Some(ANYTHING);
    }
    match pattern.strip_prefix("*.") {
        Some(parent) => {
            let matches = domain == parent || domain.ends_with(&format!(".{parent}"));
            matches.then_some(Specificity {
                exact: false,
                spelled_out: parent.chars().count(),
            })
        }
        None => (pattern != "--" && pattern == domain).then_some(WHOLE),
    }
}

/// Every attribute that the space names is `*` or the same as in the address.
fn x400_specificity(space: &str, address: &str) -> Option<Specificity> {
    if space == "*" {
        return Some(ANYTHING);
    }
    let in_address = x400_attributes(address);
    let named = x400_attributes(space);
    let literal: Vec<_> = named.iter().filter(|(_, value)| value != "*").collect();
    // Of an attribute that is there twice the first counts (D25).
    let first = |name: &str| in_address.iter().find(|(known, _)| known == name);
    let matches = literal.iter().all(|attribute| first(&attribute.0) == Some(*attribute));
    matches.then_some(Specificity {
        exact: false,
        spelled_out: literal.len(),
    })
}

fn x400_attributes(text: &str) -> Vec<(String, String)> {
    let parts = text.split([';', '/']).filter_map(|part| part.split_once('='));
    parts
        .map(|(key, value)| (upper(key.trim()), upper(value.trim())))
        .collect()
}

/// The same text, then a pattern that ends in `*` by the length of its prefix, `*` being the shortest.
fn text_specificity(pattern: &str, value: &str) -> Option<Specificity> {
    let (pattern, value) = (upper(pattern), upper(value));
    if pattern == value {
        return Some(WHOLE);
    }
    let prefix = pattern.strip_suffix('*')?;
    value.starts_with(prefix).then_some(Specificity {
        exact: false,
        spelled_out: prefix.chars().count(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Address, Space, Specificity};

    fn fit(space: &str, address: &str) -> Option<Specificity> {
        Space::parse(space).specificity(&Address::parse(address))
    }

    #[test]
    fn the_more_specific_space_is_the_greater() {
        for (why, more, less, address) in [
            ("exact before pattern", "contoso.com", "*.contoso.com", "a@Contoso.com"),
            (
                "longer pattern",
                "*.eu.contoso.com",
                "*.contoso.com",
                "a@x.eu.contoso.com",
            ),
            ("pattern before everything", "*.com", "*", "a@contoso.com"),
            (
                "more attributes",
                "X400:c=us;a=x;1",
                "X400:c=us;a=*;1",
                "X400:c=US;a=x;p=y",
            ),
            ("attributes before everything", "X400:c=us;1", "X400:*", "X400:c=us;a=x"),
            ("whole text", "FAX:+49 89", "FAX:+49 8*", "fax:+49 89"),
            ("longer prefix", "FAX:+49*;7", "FAX:*", "FAX:+4912"),
        ] {
            assert!(fit(more, address) > fit(less, address), "{why}");
            assert!(fit(less, address).is_some(), "{why}");
        }
    }

    #[test]
    fn what_does_not_match() {
        for (why, space, address) in [
            ("a plain domain has no subdomains", "contoso.com", "a@eu.contoso.com"),
            ("a label is not cut", "*.so.com", "a@contoso.com"),
            ("types never cross", "*", "FAX:1"),
            ("a double dash is for Edge servers", "--", "a@--"),
            ("another value of an attribute", "X400:c=us;1", "X400:c=de"),
            ("an attribute that is missing", "X400:c=us;p=y;1", "X400:c=us"),
        ] {
            assert_eq!(fit(space, address), None, "{why}");
        }
        assert_eq!(Space::parse("X400:c=us;a=x;12").cost, 12);
        assert_eq!(Space::parse("contoso.com").cost, 1);
    }
}
