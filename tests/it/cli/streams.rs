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
