//! Where input comes from and output goes.

use super::*;

#[test]
fn standard_input_is_read_when_asked_for() {
    let text = read(LITWARE);
    let from_pipe = run_with_input(&["routes", "-", "--input-format", "ron"], &text);
    assert_eq!(String::from_utf8_lossy(&from_pipe.stdout), done(&["routes", LITWARE]));
    let without_format = run_with_input(&["routes", "-"], &text);
    assert_eq!(without_format.status.code(), Some(2));
    assert!(stderr(&without_format).contains("--input-format"));
    let both = run_with_input(&["diff", LITWARE, "-", "--input-format", "ron"], &text);
    assert_eq!(
        String::from_utf8_lossy(&both.stdout),
        "No route moves: 30 are the same.\n"
    );
}

#[test]
fn a_file_is_replaced_at_once_or_not_at_all() {
    let folder = folder();
    let target = file(&folder, "routes.json", "old");
    let path = text_of(&target);
    let failed = run(&["routes", LITWARE, "--from", "Dubln", "-o", path]);
    assert_eq!(failed.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&target).expect("still there"), "old");
    done(&["routes", LITWARE, "--format", "json", "-o", path]);
    let written = std::fs::read_to_string(&target).expect("replaced");
    assert_eq!(written, done(&["routes", LITWARE, "--format", "json"]));
    let left = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 1, "no temporary file stays behind");
}

#[cfg(unix)]
#[test]
fn a_full_device_is_reported_and_a_closed_pipe_is_not() {
    let full = std::fs::File::options().write(true).open("/dev/full");
    if let Ok(full) = full {
        let status = program(&["routes", LITWARE])
            .stdout(full)
            .stderr(Stdio::null())
            .status()
            .expect("it starts");
        assert_eq!(status.code(), Some(5));
    }
    let output = run(&["routes", LITWARE, "-o", "/dev/full"]);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));

    let mut child = program(&["generate", "--shape", "clique", "--sites", "20000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = folder();
    let path = folder.path().join("org.ron");
    let path = text_of(&path);
    done(&[
        "generate",
        "--shape",
        "coexistence",
        "--sites",
        "60",
        "--seed",
        "7",
        "-o",
        path,
    ]);
    let other = folder.path().join("other.ron");
    let other = text_of(&other);
    done(&[
        "generate",
        "--shape",
        "coexistence",
        "--sites",
        "60",
        "--seed",
        "8",
        "-o",
        other,
    ]);
    for arguments in [
        &["routes", path, "--format", "text"][..],
        &["routes", path, "--format", "json"],
        &["routes", path, "--format", "jsonl"],
        &["routes", path, "--format", "csv"],
        &["diff", path, other, "--format", "text"],
        &["diff", path, other, "--format", "json"],
    ] {
        let one = done(&[arguments, &["--jobs", "1"]].concat());
        assert_eq!(one, done(&[arguments, &["--jobs", "2"]].concat()), "{arguments:?}");
        assert_eq!(one, done(&[arguments, &["--jobs", "5"]].concat()), "{arguments:?}");
    }
}

/// From a line of `routes --format jsonl`: who sends, and to whom.
fn ends_of(line: &str) -> [serde_json::Value; 2] {
    let record: serde_json::Value = serde_json::from_str(line).expect("a record a line");
    [record["from"].clone(), record["to"].clone()]
}

#[test]
fn some_destinations_are_answered_as_in_the_whole_table() {
    let folder = folder();
    let path = folder.path().join("org.ron");
    let path = text_of(&path);
    let shape = ["--shape", "coexistence", "--sites", "60", "--seed", "3"];
    done(&[&["generate"], &shape[..], &["-o", path]].concat());
    let whole = done(&["routes", path, "--format", "jsonl"]);
    let ends: Vec<[serde_json::Value; 2]> = whole.lines().map(ends_of).collect();
    let name = |node: &serde_json::Value| match (node["site"].as_str(), node["routing_group"].as_str()) {
        (Some(site), _) => format!("site:{site}"),
        (_, group) => format!("rg:{}", group.expect("a node is one of the two")),
    };
    let mut routers: Vec<String> = ends.iter().map(|[_, to]| name(to)).collect();
    routers.sort_unstable();
    routers.dedup();
    let sites: Vec<&str> = routers
        .iter()
        .filter(|router| router.starts_with("site:"))
        .map(String::as_str)
        .collect();
    let group = routers
        .iter()
        .find(|router| router.starts_with("rg:"))
        .expect("there are groups");
    // Few, so that they are searched from; more than half; and a group, for which that is not possible.
    for (to, from) in [
        (&sites[5..6], &[][..]),
        (&sites[1..9], &[]),
        (&sites[..], &[]),
        (&sites[..2], &sites[1..40]),
        (&[sites[0], group.as_str()], &[]),
    ] {
        let asked = |nodes: &[&str], node: &serde_json::Value| nodes.is_empty() || nodes.contains(&name(node).as_str());
        let wanted = whole
            .lines()
            .zip(&ends)
            .filter(|(_, ends)| asked(from, &ends[0]) && asked(to, &ends[1]));
        let expected: String = wanted.map(|(line, _)| format!("{line}\n")).collect();
        assert!(expected.lines().count() > 30, "{to:?}");
        let to = to.iter().flat_map(|to| ["--to", *to]);
        let from = from.iter().flat_map(|from| ["--from", *from]);
        let arguments: Vec<&str> = ["routes", path, "--format", "jsonl"]
            .into_iter()
            .chain(to)
            .chain(from)
            .collect();
        assert!(done(&arguments) == expected, "{arguments:?}");
    }
}
