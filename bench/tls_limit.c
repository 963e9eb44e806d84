/* The limit of a TLS check (connect, shake hands, say close_notify, hear the server's own, close), and
 * the server that all TLS checks of the benchmark go to. Nothing but 127.1.0.1 and its neighbours is
 * ever bound or dialled.
 *
 *   tls_limit listen ADDRESSES PORT CERTIFICATE KEY   shake hands and leave with the peer; says "ready"
 *   tls_limit check ADDRESSES PORT IN_FLIGHT SECONDS  prints: checks, failures, CPU seconds, wall seconds
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FIRST_ADDRESS 0x7f010001 /* 127.1.0.1 */
#define EVENTS 1024

struct connection {
    int descriptor;
    SSL *session; /* none: a listener */
    int shaken;
};

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

static struct connection *watch(int epoll, int descriptor, SSL *session)
{
    struct connection *made = calloc(1, sizeof *made);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = made};
    made->descriptor = descriptor;
    made->session = session;
    if (session)
        SSL_set_fd(session, descriptor);
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event))
        give_up("epoll_ctl");
    return made;
}

static void leave(struct connection *over)
{
    SSL_shutdown(over->session);
    SSL_free(over->session);
    close(over->descriptor);
    free(over);
}

static int wants_more(SSL *session, int result)
{
    int error = SSL_get_error(session, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

/* Go on with a client's connection; it is left when the client leaves. */
static void serve(struct connection *served)
{
    char bytes[4096];
    int result;
    if (!served->shaken) {
        result = SSL_accept(served->session);
        served->shaken = result == 1;
        if (!served->shaken) {
            if (!wants_more(served->session, result))
                leave(served);
            return;
        }
    }
    while ((result = SSL_read(served->session, bytes, sizeof bytes)) > 0)
        ;
    if (!wants_more(served->session, result))
        leave(served);
}

static void listen_on(unsigned addresses, int port, const char *certificate, const char *key)
{
    struct epoll_event events[EVENTS];
    int epoll = epoll_create1(0);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        give_up(certificate);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    for (unsigned n = 0; n < addresses; n++) {
        int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        struct sockaddr_in address = nth_address(n, port);
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096))
            give_up("listen");
        watch(epoll, listener, NULL);
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            struct connection *told = events[i].data.ptr;
            int accepted;
            if (told->session) {
                serve(told);
                continue;
            }
            while ((accepted = accept4(told->descriptor, NULL, NULL, SOCK_NONBLOCK)) >= 0)
                watch(epoll, accepted, SSL_new(context));
        }
    }
}

/* Go on with a check: 1 when it is over, -1 when it failed, 0 while there is more to wait for. */
static int go_on(struct connection *checked)
{
    char bytes[4096];
    int result;
    if (!checked->shaken) {
        result = SSL_connect(checked->session);
        if (result != 1)
            return wants_more(checked->session, result) ? 0 : -1;
        checked->shaken = 1;
        SSL_shutdown(checked->session);
    }
    while ((result = SSL_read(checked->session, bytes, sizeof bytes)) > 0)
        ;
    return wants_more(checked->session, result) ? 0 : 1;
}

static void begin(int epoll, SSL_CTX *context, unsigned n, int port)
{
    struct sockaddr_in address = nth_address(n, port);
    int connecting = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connecting < 0)
        give_up("socket");
    if (connect(connecting, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
        give_up("connect");
    watch(epoll, connecting, SSL_new(context));
}

static int check(unsigned addresses, int port, int in_flight, double seconds)
{
    struct epoll_event events[EVENTS];
    int epoll = epoll_create1(0), pending = 0;
    unsigned long done = 0, failed = 0, begun = 0;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    double wall = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    double end = wall + seconds;

    for (; pending < in_flight; pending++)
        begin(epoll, context, begun++ % addresses, port);
    while (pending) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        int over = seconds_of(CLOCK_MONOTONIC) >= end;
        for (int i = 0; i < ready; i++) {
            struct connection *checked = events[i].data.ptr;
            int result = go_on(checked);
            if (!result)
                continue;
            leave(checked);
            done++;
            failed += result < 0;
            if (over)
                pending--;
            else
                begin(epoll, context, begun++ % addresses, port);
        }
    }
    printf("%lu %lu %.6f %.6f\n", done, failed, seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu,
           seconds_of(CLOCK_MONOTONIC) - wall);
    return 0;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc == 6 && !strcmp(argv[1], "listen"))
        listen_on(atoi(argv[2]), atoi(argv[3]), argv[4], argv[5]);
    if (argc == 6 && !strcmp(argv[1], "check"))
        return check(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), atof(argv[5]));
    fprintf(stderr, "tls_limit listen ADDRESSES PORT CERTIFICATE KEY | "
                    "check ADDRESSES PORT IN_FLIGHT SECONDS\n");
    return 2;
}
