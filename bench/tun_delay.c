/* A path that is so many microseconds long each way, between two TUN devices of this process.
 *
 *   tun_delay HERE THERE MICROSECONDS    HERE and THERE are descriptors; ends when its input does
 *
 * It then prints one line for each address 10.78.x.y that was dialled from HERE and answered:
 * x * 256 + y, and the nanoseconds from reading its SYN to writing its SYN-ACK, which is the round
 * trip of the path by this program's own clock.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define PACKETS 8192
#define PACKET_BYTES 1600
#define ADDRESSES 65536
#define TCP 6
#define SYN 0x02
#define ACK 0x10

struct packet {
    int64_t due;
    ssize_t bytes;
    unsigned char data[PACKET_BYTES];
};

struct direction {
    int from, to;
    unsigned long read, written;
    struct packet packets[PACKETS];
};

static struct direction there, back;
static int64_t asked[ADDRESSES], answered[ADDRESSES];

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int has_flags(const struct packet *packet, int flags)
{
    const unsigned char *ip = packet->data;
    int header = (ip[0] & 15) * 4;
    return packet->bytes >= header + 14 && ip[0] >> 4 == 4 && ip[9] == TCP &&
           (ip[header + 13] & (SYN | ACK)) == flags;
}

static void take_in(struct direction *line, int64_t delay)
{
    while (line->read - line->written < PACKETS) {
        struct packet *packet = &line->packets[line->read % PACKETS];
        packet->bytes = read(line->from, packet->data, PACKET_BYTES);
        if (packet->bytes <= 0)
            return;
        int64_t moment = now();
        packet->due = moment + delay;
        line->read++;
        if (line == &there && has_flags(packet, SYN))
            asked[packet->data[18] << 8 | packet->data[19]] = moment;
    }
}

/* One packet only: what comes meanwhile is to be read in time. */
static void let_out(struct direction *line)
{
    struct packet *packet = &line->packets[line->written % PACKETS];
    if (line->read == line->written || packet->due > now())
        return;
    if (line == &back && has_flags(packet, SYN | ACK))
        answered[packet->data[14] << 8 | packet->data[15]] = now();
    if (write(line->to, packet->data, packet->bytes) < 0 && errno != EIO)
        perror("write");
    line->written++;
}

static int64_t until_due(const struct direction *line, int64_t least)
{
    if (line->read == line->written)
        return least;
    int64_t left = line->packets[line->written % PACKETS].due - now();
    return left < 0 ? 0 : left < least ? left : least;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "tun_delay HERE THERE MICROSECONDS\n");
        return 2;
    }
    there.from = back.to = atoi(argv[1]);
    there.to = back.from = atoi(argv[2]);
    int64_t delay = atoll(argv[3]) * 1000;
    struct sched_param urgent = {.sched_priority = 10};
    if (sched_setscheduler(0, SCHED_FIFO, &urgent)) {
        perror("tun_delay has no real-time priority and may be late");
        prctl(PR_SET_TIMERSLACK, 1);
    }
    struct pollfd ready[] = {{.fd = there.from, .events = POLLIN},
                             {.fd = back.from, .events = POLLIN},
                             {.fd = STDIN_FILENO, .events = POLLIN}};
    while (!ready[2].revents) {
        int64_t left = until_due(&back, until_due(&there, 1000000000));
        struct timespec timeout = {left / 1000000000, left % 1000000000};
        if (ppoll(ready, 3, &timeout, NULL) < 0)
            return perror("ppoll"), 1;
        take_in(&there, delay);
        take_in(&back, delay);
        let_out(&there);
        take_in(&there, delay);
        let_out(&back);
    }
    for (int address = 0; address < ADDRESSES; address++)
        if (asked[address] && answered[address])
            printf("%d %lld\n", address, (long long)(answered[address] - asked[address]));
    return 0;
}
