"""The domain: words, plan, outcomes, verdicts and gates. Pure: no socket and no clock.

host         a machine of the estate, by its name in the inventory; has one or more roles
role         what a host does in SES Evolution: backend, agent-handler, console, agent, ...
flow         who talks to whom over what, and why: a row of the guide; the catalog lists them
path         one flow between two hosts: `flow:src>dst:proto/port`
phase        a stage of the migration: baseline, prepare, backoffice, agents, complete
expectation  what a phase asks of a path: serve, permit, closed, advised, retired
check        one measurement by the source's probe of an address, protocol and port
outcome      what the network did
identity     whether the right service answered
verdict      the judgement of an outcome against an expectation: ok, broken, unproven
gate         may this phase start?

"Agent" is always the SES agent; our program on a host is the probe.
"""
