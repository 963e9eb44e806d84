/* The limit of a TCP check (connect, see that it is done, close), and the listener that all checks
 * of the benchmark go to. Nothing but 127.1.0.1 and its neighbours is ever bound or dialled.
 *
 *   tcp_limit listen ADDRESSES PORT PORTS             accept and hold until the peer closes; says "ready"
 *   tcp_limit check ADDRESSES PORT IN_FLIGHT SECONDS  prints: checks, failures, CPU seconds, wall seconds
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FIRST_ADDRESS 0x7f010001 /* 127.1.0.1 */
#define EVENTS 1024
#define DESCRIPTORS 65536

static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

static struct sockaddr_in nth_address(unsigned n, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(FIRST_ADDRESS + n);
    return address;
}

static void watch(int epoll, int descriptor, unsigned events)
{
    struct epoll_event event = {.events = events, .data.fd = descriptor};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event))
        give_up("epoll_ctl");
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void listen_on(unsigned addresses, int first_port, int ports)
{
    static char is_listener[DESCRIPTORS];
    struct epoll_event events[EVENTS];
    char bytes[4096];
    int epoll = epoll_create1(0);

    for (unsigned n = 0; n < addresses; n++)
        for (int port = first_port; port < first_port + ports; port++) {
            int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
            struct sockaddr_in address = nth_address(n, port);
            setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
            if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096))
                give_up("listen");
            is_listener[listener] = 1;
            watch(epoll, listener, EPOLLIN);
        }
    puts("ready");
    fflush(stdout);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            int descriptor = events[i].data.fd, accepted;
            if (!is_listener[descriptor]) {
                if (read(descriptor, bytes, sizeof bytes) <= 0)
                    close(descriptor);
                continue;
            }
            while ((accepted = accept4(descriptor, NULL, NULL, SOCK_NONBLOCK)) >= 0)
                watch(epoll, accepted, EPOLLIN);
        }
    }
}

static void begin(int epoll, unsigned n, int port)
{
    struct sockaddr_in address = nth_address(n, port);
    int connecting = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connecting < 0)
        give_up("socket");
    if (connect(connecting, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
        give_up("connect");
    watch(epoll, connecting, EPOLLOUT);
}

static int check(unsigned addresses, int port, int in_flight, double seconds)
{
    struct epoll_event events[EVENTS];
    int epoll = epoll_create1(0), pending = 0;
    unsigned long done = 0, failed = 0, begun = 0;
    double wall = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    double end = wall + seconds;

    for (; pending < in_flight; pending++)
        begin(epoll, begun++ % addresses, port);
    while (pending) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        int over = seconds_of(CLOCK_MONOTONIC) >= end;
        for (int i = 0; i < ready; i++) {
            int error = 0;
            socklen_t size = sizeof error;
            getsockopt(events[i].data.fd, SOL_SOCKET, SO_ERROR, &error, &size);
            close(events[i].data.fd);
            done++;
            failed += error != 0;
            if (over)
                pending--;
            else
                begin(epoll, begun++ % addresses, port);
        }
    }
    printf("%lu %lu %.6f %.6f\n", done, failed, seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu,
           seconds_of(CLOCK_MONOTONIC) - wall);
    return 0;
}

int main(int argc, char **argv)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (argc == 5 && !strcmp(argv[1], "listen"))
        listen_on(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
    if (argc == 6 && !strcmp(argv[1], "check"))
        return check(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), atof(argv[5]));
    fprintf(stderr, "tcp_limit listen ADDRESSES PORT PORTS | check ADDRESSES PORT IN_FLIGHT SECONDS\n");
    return 2;
}
