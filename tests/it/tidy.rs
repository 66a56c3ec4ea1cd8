//! Checks on the source itself: imports point downward, files stay short, no path of a machine gets in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::support::root;

/// The layers of `ARCHITECTURE.md`, each with its rank.
const RANKS: [(&str, u8); 12] = [
    ("report", 8),
    ("lint", 8),
    ("verify", 7),
    ("sim", 7),
    ("linkstate", 6),
    ("delivery", 6),
    ("route", 5),
    ("load", 4),
    ("graph", 4),
    ("synth", 4),
    ("model", 3),
    ("diagnostic", 2),
];

/// What points sideways and may: `synth` makes documents, so that what it generates is checked and written like a file.
const EXCEPTIONS: [(&str, &str); 2] = [("synth", "load::document"), ("synth", "load::At")];

/// The longest file that may lie in `src`, in lines.
const LINES_MAX: usize = 600;

fn rank(layer: &str) -> Option<u8> {
    RANKS.iter().find(|(name, _)| *name == layer).map(|(_, rank)| *rank)
}

/// Every `.rs` file below `folder`, in name order.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A path below the root with forward slashes.
pub(crate) fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).expect("a path of this repository");
    path.components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

/// The layer of a file in `src`: `None` for the crate root, the binary and the command line, which see everything.
fn layer(file: &str) -> Option<&str> {
    let below = file.strip_prefix("src/").expect("a file in src");
    let (layer, _) = below.split_once('/')?;
    (layer != "cli").then_some(layer)
}

/// What the code of a file imports or names through `crate::`, each as a path such as `load::document::Leaf`. Tests at the
/// end of a file may look anywhere.
fn crate_paths(text: &str) -> Vec<String> {
    let lines = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
    let code: Vec<&str> = lines.filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for (at, matched) in code.match_indices("crate::") {
        // `$crate::` and names that end in `crate` are no paths from the root.
        if !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            paths_in(&code[at + matched.len()..], "", &mut found);
        }
    }
    found
}

/// The paths that begin at `text`, which stands behind `before`: one, or those of a list in braces.
fn paths_in(text: &str, before: &str, found: &mut Vec<String>) {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':' || c == '*'));
    let (path, rest) = text.split_at(end.unwrap_or(text.len()));
    let path = format!("{before}{path}");
    let Some(list) = rest
        .strip_prefix('{')
        .filter(|_| path.is_empty() || path.ends_with("::"))
    else {
        found.push(path);
        return;
    };
    let mut depth = 0;
    let mut item = String::new();
    for c in list.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth < 0 || (depth == 0 && c == ',') {
            if !item.trim().is_empty() {
                paths_in(item.trim(), &path, found);
            }
            item.clear();
        } else {
            item.push(c);
        }
        if depth < 0 {
            return;
        }
    }
}

/// Why an import of `path` in `layer` is not allowed, if it is not.
fn objection(layer: &str, path: &str) -> Option<String> {
    let target = path.split("::").next().unwrap_or(path);
    if target == "cli" {
        return Some("the library can't see the command line".to_owned());
    }
    let (Some(own), Some(other)) = (rank(layer), rank(target)) else {
        return Some(format!("`{layer}` or `{target}` has no rank in tests/it/tidy.rs"));
    };
    let excepted = EXCEPTIONS
        .iter()
        .any(|(from, to)| *from == layer && path.starts_with(to));
    let downward = own > other || layer == target || excepted;
    (!downward).then(|| format!("`{layer}` ({own}) must not import `{path}` ({other})"))
}

#[test]
fn imports_point_downward() {
    let mut wrong = Vec::new();
    for file in rust_files(&root().join("src")) {
        let name = relative(&file);
        let Some(layer) = layer(&name).filter(|_| !name.ends_with("/tests.rs")) else {
            continue;
        };
        let text = fs::read_to_string(&file).expect("text");
        wrong.extend(
            crate_paths(&text)
                .iter()
                .filter_map(|path| objection(layer, path))
                .map(|why| format!("{name}: {why}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The folder of the checker of certificates, and the file that it shares with who writes them.
const CHECKER: &str = "src/verify/certificate/check/";
const CERTIFICATE_FORMAT: &str = "src/verify/certificate/format.rs";

/// What a path that starts with `super` or `crate` comes to from a file of the checker, and whether it is out of bounds.
fn leaves_the_checker(file: &str, path: &str) -> bool {
    let supers = path.split("::").take_while(|part| *part == "super").count();
    let rest = path.splitn(supers + 1, "::").last().unwrap_or("");
    // How many steps up it takes to be in `certificate`: one from `mod.rs`, two from its other files.
    let out = if file.ends_with("/mod.rs") { 1 } else { 2 };
    match (path.split("::").next(), supers) {
        (Some("crate"), _) => !path.starts_with("crate::model") && !path.starts_with("crate::diagnostic"),
        // `pub(super)` is no import.
        _ if !path.contains("::") => false,
        (_, 0) => false,
        (_, supers) => supers > out || (supers == out && !rest.starts_with("format")),
    }
}

#[test]
fn the_checker_of_certificates_shares_the_model_and_the_format_alone() {
    let mut wrong = Vec::new();
    let mut files = 0;
    for file in rust_files(&root().join("src")) {
        let name = relative(&file);
        let checker = name.starts_with(CHECKER) && !name.ends_with("/tests.rs");
        if !checker && name != CERTIFICATE_FORMAT {
            continue;
        }
        files += 1;
        let text = fs::read_to_string(&file).expect("text");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for word in code.flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || "_:".contains(c)))) {
            let path = word.trim_end_matches(':');
            let out = match name == CERTIFICATE_FORMAT {
                true => path.starts_with("crate::") || path.starts_with("super::"),
                false => leaves_the_checker(&name, path),
            };
            if out {
                wrong.push(format!("{name}: {path}"));
            }
        }
        // Lists in braces are looked at as a whole: nobody imports from the root of the crate.
        if text.contains("crate::{") || text.contains("super::{") {
            wrong.push(format!("{name}: a list of imports from above"));
        }
    }
    assert!(files >= 8, "the checker is there");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (file, path, out) in [
        ("src/verify/certificate/check/mod.rs", "super::format::Claim", false),
        ("src/verify/certificate/check/mod.rs", "super::write::Writer", true),
        ("src/verify/certificate/check/mod.rs", "super::super::scene", true),
        ("src/verify/certificate/check/mod.rs", "self::ground::Ground", false),
        ("src/verify/certificate/check/mod.rs", "super", false),
        ("src/verify/certificate/check/claim.rs", "super::ground::Ground", false),
        (
            "src/verify/certificate/check/claim.rs",
            "super::super::format::Claim",
            false,
        ),
        ("src/verify/certificate/check/claim.rs", "super::super::write", true),
        (
            "src/verify/certificate/check/claim.rs",
            "super::super::super::scene",
            true,
        ),
        ("src/verify/certificate/check/claim.rs", "crate::model::Node", false),
        ("src/verify/certificate/check/claim.rs", "crate::verify::Router", true),
        ("src/verify/certificate/check/claim.rs", "crate::route::View", true),
    ] {
        assert_eq!(leaves_the_checker(file, path), out, "{file}: {path}");
    }
}

#[test]
fn the_check_of_imports_sees_what_it_should() {
    let text = "//! use crate::route;\nuse crate::load::{At, document::{Document, Leaf}};\nuse crate::{model::Name, cli};\n\
        use crate::{\n    graph::*,\n};\nlet x = crate::graph::Arc { y };\n#[cfg(test)]\nuse crate::report;";
    let paths = crate_paths(text);
    let expect = [
        "load::At",
        "load::document::Document",
        "load::document::Leaf",
        "model::Name",
        "cli",
        "graph::*",
        "graph::Arc",
    ];
    assert_eq!(paths, expect);
    for (layer, path, allowed) in [
        ("route", "model::Name", true),
        ("route", "route::plan", true),
        ("route", "delivery::explain", false),
        ("lint", "report", false),
        ("graph", "load::document::Leaf", false),
        ("synth", "load::document::Leaf", true),
        ("synth", "load::read", false),
        ("verify", "delivery::explain", true),
        ("model", "cli", false),
        ("route", "helpers", false),
    ] {
        assert_eq!(objection(layer, path).is_none(), allowed, "{layer} imports {path}");
    }
    assert_eq!(layer("src/cli/routes.rs"), None);
    assert_eq!(layer("src/load/read/mod.rs"), Some("load"));
}

#[test]
fn files_stay_short() {
    let mut long = Vec::new();
    for file in rust_files(&root().join("src")) {
        let lines = fs::read_to_string(&file).expect("text").lines().count();
        if lines > LINES_MAX {
            long.push(format!("{}: {lines} lines", relative(&file)));
        }
    }
    assert!(long.is_empty(), "more than {LINES_MAX} lines:\n{}", long.join("\n"));
}

/// Every file of the repository as git lists it, or, outside a clone, every text in the usual folders.
fn tracked_files() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output();
    match listed {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout)
            .expect("names are UTF-8")
            .split_terminator('\0')
            .map(|name| root().join(name))
            .filter(|path| path.is_file())
            .collect(),
        _ => rust_files(&root().join("src")),
    }
}

#[test]
fn no_file_holds_a_path_of_a_machine() {
    // Put together here, so that this file does not find itself.
    let homes = ["work", "home", "root", "Users"].map(|folder| format!("/{folder}/"));
    let mut found = Vec::new();
    for path in tracked_files() {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            for home in &homes {
                // `https://host/home/` is an address and `./home/` is relative: a path of a machine begins a word.
                let begins_word =
                    |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "./_-*}".contains(c));
                if line.match_indices(home.as_str()).any(|(at, _)| begins_word(at)) {
                    found.push(format!("{}:{}: {}", relative(&path), number + 1, line.trim()));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
