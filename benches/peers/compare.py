"""Best paths between all sites, by Bridgehead and by what else there is. Run by `benches/peers/run`, which has the rest.

Peers get the expanded simple graph: each two sites of a link joined at its effective cost, the cheapest link of each pair. None of
them knows hops or names, so they answer less. One thread each. A peer is timed on some sources, as many as fit into --seconds,
and its time for all is the median times the number of sites. What criterion measured is read from its folder. Before anything is
timed, every peer's distances from one source are held against `bridgehead routes`.
"""

import argparse
import csv
import heapq
import io
import json
import math
import pathlib
import statistics
import subprocess
import sys
import time

import networkx
import numpy
import scipy
from scipy.sparse import csgraph, csr_matrix

USUAL = {
    "hub-and-spoke": [1_000, 5_000, 10_000, 50_000],
    "multi-tier": [1_000, 10_000],
    "dual-hub": [1_000, 5_000],
    "mesh": [1_000],
    "sparse": [1_000, 5_000],
    "clique": [500, 2_000],
    "big-link": [2_000, 10_000],
}
# Of more arcs there is no room for networkx's objects.
NETWORKX_ARCS = 5_000_000
CHECKED_SITES = 10_000


def program(*arguments):
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def generate(bridgehead, folder, shape, sites):
    path = folder / f"{shape}-{sites}.json"
    if not path.exists():
        program(bridgehead, "generate", "--shape", shape, "--sites", str(sites), "--seed", "1", "--format", "json", "-o", path)
    return path


def expanded(topology):
    """Names of the sites and a symmetric matrix of costs."""
    document = json.loads(topology.read_text())
    names = [site["name"] for site in document["sites"]]
    number = {name: at for at, name in enumerate(names)}
    size = len(names)
    pairs, costs = [], []
    for link in document["site_links"]:
        members = numpy.unique(numpy.array([number[name] for name in link["sites"]], dtype=numpy.int64))
        a, b = numpy.triu_indices(len(members), 1)
        pairs.append(members[a] * size + members[b])
        costs.append(numpy.full(len(a), link.get("exchange_cost") or link.get("cost") or 100, dtype=numpy.int32))
    pairs, costs = numpy.concatenate(pairs), numpy.concatenate(costs)
    # By pair, then by cost: the first of each pair is the cheapest.
    order = numpy.lexsort((costs, pairs))
    pairs, first = numpy.unique(pairs[order], return_index=True)
    costs = costs[order][first]
    a, b = pairs // size, pairs % size
    matrix = csr_matrix((numpy.concatenate([costs, costs]), (numpy.concatenate([a, b]), numpy.concatenate([b, a]))), (size, size))
    matrix.sort_indices()
    return names, matrix


def write_graph(matrix, path):
    with open(path, "wb") as file:
        numpy.array([matrix.shape[0], matrix.nnz], dtype=numpy.uint64).tofile(file)
        matrix.indptr.astype(numpy.uint64).tofile(file)
        matrix.indices.astype(numpy.uint32).tofile(file)
        matrix.data.astype(numpy.uint32).tofile(file)


def spread(size):
    """Sources far from each other."""
    return [at * 7_919 % size for at in range(size)] if size % 7_919 else list(range(size))


def boost(folder, matrix, sources, seconds):
    path = folder / "graph.bin"
    write_graph(matrix, path)
    lines = program(folder / "dijkstra", path, str(seconds), *map(str, sources[:1_000])).splitlines()
    path.unlink()
    times = [int(line.split()[0]) for line in lines]
    return statistics.median(times), len(times), int(lines[0].split()[1])


def scipy_dijkstra(matrix, sources, seconds):
    matrix = matrix.astype(float)

    def run(some):
        began = time.perf_counter_ns()
        costs, _ = csgraph.dijkstra(matrix, indices=some, return_predecessors=True)
        return time.perf_counter_ns() - began, costs

    once, costs = run(sources[:1])
    count = int(max(1, min(len(sources), 200, seconds * 1e9 / once)))
    # Preparing the graph is part of a call: one for many sources.
    took, _ = run(sources[:count])
    return took / count, count, int(costs.sum())


def networkx_dijkstra(matrix, sources, seconds):
    graph = networkx.from_scipy_sparse_array(matrix)
    times, total, end = [], None, time.perf_counter() + seconds
    for source in sources:
        began = time.perf_counter_ns()
        _, costs = networkx.dijkstra_predecessor_and_distance(graph, source)
        times.append(time.perf_counter_ns() - began)
        total = sum(costs.values()) if total is None else total
        if time.perf_counter() > end:
            break
    return statistics.median(times), len(times), int(total)


def our_sum(bridgehead, topology, name):
    """Sum of the costs from a site, by the whole program."""
    rows = csv.DictReader(io.StringIO(program(bridgehead, "routes", topology, "--from", f"site:{name}", "--format", "csv")))
    return sum(int(row["site_cost"]) for row in rows if row["to"].startswith("site:"))


def plain_sum(matrix, source):
    """The same by ten lines, where the program would write too much."""
    costs, queue = {}, [(0, source)]
    while queue:
        cost, site = heapq.heappop(queue)
        if site not in costs:
            costs[site] = cost
            for at in range(matrix.indptr[site], matrix.indptr[site + 1]):
                heapq.heappush(queue, (cost + int(matrix.data[at]), int(matrix.indices[at])))
    return sum(costs.values())


def ours(bridgehead, shape, sites):
    arguments = [bridgehead, "bench", "--shape", shape, "--sites", str(sites), "--buffer", "64", "--jobs", "1", "--format", "json"]
    return json.loads(program(*arguments))["cases"][0]


def criterion(folder, shape, sites):
    """Nanoseconds for all sites, and from how many sources scaled, by the name of the peer that was measured."""
    found = {}
    for path in sorted(folder.glob("*/*/*/new/benchmark.json")):
        about = json.loads(path.read_text())
        if about["group_id"] != f"all pairs, {shape}" or about["value_str"] != str(sites):
            continue
        median = json.loads(path.with_name("estimates.json").read_text())["median"]["point_estimate"]
        name = about["function_id"]
        if name == "one source, our search":
            continue
        if name.startswith("one source, "):
            found[name.removeprefix("one source, ")] = (median * sites, 1)
        elif name.startswith("all sources, "):
            found[name.removeprefix("all sources, ")] = (median, None)
    return found


def measure(options, shape, sites):
    """Nanoseconds for all pairs by tool, and how many sources that is scaled from."""
    topology = generate(options.bridgehead, options.folder, shape, sites)
    case = ours(options.bridgehead, shape, sites)
    times = {"Bridgehead": (case["ready_ns"], None)}
    times |= criterion(options.criterion, shape, sites)
    names, matrix = expanded(topology)
    sources = spread(sites)
    small = sites <= CHECKED_SITES
    expected = our_sum(options.bridgehead, topology, names[sources[0]]) if small else plain_sum(matrix, sources[0])
    peers = {
        "Boost, CSR graph": lambda: boost(options.folder, matrix, sources, options.seconds),
        "scipy": lambda: scipy_dijkstra(matrix, sources, options.seconds),
    }
    if matrix.nnz <= NETWORKX_ARCS:
        peers["networkx"] = lambda: networkx_dijkstra(matrix, sources, options.seconds)
    for name, run in peers.items():
        each, count, total = run()
        if total != expected:
            sys.exit(f"{name} on {shape}, {sites} sites: distances sum up to {total}, ours to {expected}")
        times[name] = (each * sites, count)
    return case, times


def text(ns):
    for unit, size in [("s", 1e9), ("ms", 1e6), ("µs", 1e3)]:
        if ns >= size:
            value = ns / size
            return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
    return f"{ns:.0f} ns"


def times_as_long(ratio):
    """Three digits."""
    digits = 2 - math.floor(math.log10(ratio))
    return f"{round(ratio, digits):,.{max(digits, 0)}f}×"


def growth(times):
    """The exponent with which time grows with the number of sites, from the smallest to the largest."""
    points = sorted(times.items())
    if len(points) < 2:
        return "–"
    (few, first), (many, last) = points[0], points[-1]
    return f"n^{math.log(last / first) / math.log(many / few):.2f}"


def details(shape, results):
    sizes = sorted(results)
    print(f"\n### {shape}\n")
    print("| all pairs, one thread |", " | ".join(f"{size:,} sites" for size in sizes), "| growth |")
    print("| --- |", " | ".join("---:" for _ in sizes), "| ---: |")
    tools = sorted({tool for _, times in results.values() for tool in times}, key=lambda tool: (tool != "Bridgehead", tool))
    for tool in tools:
        cells = []
        for size in sizes:
            _, times = results[size]
            if tool not in times:
                cells.append("–")
                continue
            ns, sources = times[tool]
            ratio = ns / times["Bridgehead"][0]
            scaled = f", {sources} of the sources" if sources and sources < size else ""
            cells.append(text(ns) if tool == "Bridgehead" else f"{text(ns)} ({times_as_long(ratio)}{scaled})")
        of_tool = {size: results[size][1][tool][0] for size in sizes if tool in results[size][1]}
        print(f"| {tool} |", " | ".join(cells), f"| {growth(of_tool)} |")


def summary(everything):
    """What the README shows: ratios and growth, no times."""
    print("\n| organization | fastest peer | takes longer by | memory | growth, ours | growth, that peer |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for shape, results in everything.items():
        for size, (case, times) in sorted(results.items()):
            peers = {tool: ns for tool, (ns, _) in times.items() if tool != "Bridgehead"}
            fastest = min(peers, key=peers.get)
            all_sizes = lambda tool: {n: t[tool][0] for n, (_, t) in results.items() if tool in t}
            held = case["memory_bytes"]
            print(
                f"| {shape}, {size:,} sites | {fastest} | {times_as_long(peers[fastest] / times['Bridgehead'][0])} |",
                f"{held / 1e6:.3g} MB |" if held else "– |",
                f"{growth(all_sizes('Bridgehead'))} | {growth(all_sizes(fastest))} |",
            )


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--folder", type=pathlib.Path, required=True)
    arguments.add_argument("--bridgehead", type=pathlib.Path, required=True)
    arguments.add_argument("--criterion", type=pathlib.Path, required=True)
    arguments.add_argument("--seconds", type=float, default=3.0, help="for each peer on each graph")
    arguments.add_argument("what", nargs="*", metavar="SHAPE=SITES,…", help="unless given, the usual ones")
    options = arguments.parse_args()
    options.folder = options.folder.resolve()
    what = {one.split("=")[0]: [int(size) for size in one.split("=")[1].split(",")] for one in options.what} or USUAL
    version = program(options.bridgehead, "--version").strip()
    print(f"{version}, Boost 1.74, scipy {scipy.__version__}, networkx {networkx.__version__}")
    everything = {}
    for shape, sizes in what.items():
        everything[shape] = {size: measure(options, shape, size) for size in sizes}
        details(shape, everything[shape])
        sys.stdout.flush()
    summary(everything)


main()
