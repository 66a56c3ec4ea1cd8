// Boost's dijkstra_shortest_paths on a compressed graph, with distances and predecessors: nanoseconds for each source.
//
//   dijkstra GRAPH SECONDS SOURCE…
//
// GRAPH: numbers of the machine's own byte order; sites and arcs (64 bits), where the arcs of each site begin and where the last end
// (64 bits), the ends of the arcs and their costs (32 bits). Prints a line "nanoseconds sum-of-distances" for each source that was done
// within the time, the first one in any case.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>

struct Link {
    std::uint32_t cost;
};
using Graph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, Link, boost::no_property,
                                                 std::uint32_t, std::uint32_t>;
using Clock = std::chrono::steady_clock;

template <typename T>
std::vector<T> read(std::istream& file, std::uint64_t count) {
    std::vector<T> numbers(count);
    file.read(reinterpret_cast<char*>(numbers.data()), static_cast<std::streamsize>(count * sizeof(T)));
    if (!file) {
        std::fprintf(stderr, "the graph is cut off\n");
        std::exit(3);
    }
    return numbers;
}

int main(int count, char** arguments) {
    if (count < 4) {
        std::fprintf(stderr, "usage: dijkstra GRAPH SECONDS SOURCE...\n");
        return 2;
    }
    std::ifstream file(arguments[1], std::ios::binary);
    const auto size = read<std::uint64_t>(file, 2);
    const auto start = read<std::uint64_t>(file, size[0] + 1);
    const auto to = read<std::uint32_t>(file, size[1]);
    const auto cost = read<std::uint32_t>(file, size[1]);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> arcs;
    std::vector<Link> links;
    arcs.reserve(size[1]);
    links.reserve(size[1]);
    for (std::uint32_t site = 0; site < size[0]; ++site) {
        for (auto at = start[site]; at < start[site + 1]; ++at) {
            arcs.emplace_back(site, to[at]);
            links.push_back({cost[at]});
        }
    }
    const Graph graph(boost::edges_are_sorted, arcs.begin(), arcs.end(), links.begin(),
                      static_cast<std::uint32_t>(size[0]));

    std::vector<std::uint64_t> distance(size[0]);
    std::vector<std::uint32_t> before(size[0]);
    const auto index = boost::get(boost::vertex_index, graph);
    const auto end = Clock::now() + std::chrono::duration<double>(std::atof(arguments[2]));
    for (int at = 3; at < count && (at == 3 || Clock::now() < end); ++at) {
        const auto source = static_cast<std::uint32_t>(std::stoul(arguments[at]));
        const auto began = Clock::now();
        boost::dijkstra_shortest_paths(
            graph, source,
            boost::predecessor_map(boost::make_iterator_property_map(before.begin(), index))
                .distance_map(boost::make_iterator_property_map(distance.begin(), index))
                .weight_map(boost::get(&Link::cost, graph)));
        const std::chrono::nanoseconds took = Clock::now() - began;
        std::uint64_t sum = 0;
        for (const auto one : distance) {
            sum += one;
        }
        std::printf("%lld %llu\n", static_cast<long long>(took.count()), static_cast<unsigned long long>(sum));
    }
}
