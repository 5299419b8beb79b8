"""One Apache Kafka server, which can be killed and started again."""

import socket
import subprocess

from confluent_kafka.admin import AdminClient, NewTopic


def free_ports(count):
    """Held together, so that no two are the same."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [it.getsockname()[1] for it in sockets]
    for it in sockets:
        it.close()
    return ports


class Server:
    """`brokers` is the way for this script. `behind` is a second way, whose
    address clients are told to be `advertised`: a proxy."""

    def __init__(self, jars, work, advertised=None):
        self.jars, self.work = jars, work
        work.mkdir(parents=True, exist_ok=True)
        direct, self.behind, controller = free_ports(3)
        self.brokers = f"127.0.0.1:{direct}"
        (work / "server.properties").write_text(
            "process.roles=broker,controller\nnode.id=1\n"
            f"controller.quorum.bootstrap.servers=127.0.0.1:{controller}\n"
            f"listeners=DIRECT://127.0.0.1:{direct},BEHIND://127.0.0.1:{self.behind},CONTROLLER://127.0.0.1:{controller}\n"
            f"advertised.listeners=DIRECT://127.0.0.1:{direct},BEHIND://127.0.0.1:{advertised or self.behind}\n"
            "listener.security.protocol.map=DIRECT:PLAINTEXT,BEHIND:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
            "inter.broker.listener.name=DIRECT\ncontroller.listener.names=CONTROLLER\n"
            f"log.dirs={work}/kafka-logs\n"
            "offsets.topic.replication.factor=1\noffsets.topic.num.partitions=1\n"
            "transaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\n"
            "share.coordinator.state.topic.replication.factor=1\n"
            "group.initial.rebalance.delay.ms=0\ngroup.min.session.timeout.ms=1000\nauto.create.topics.enable=false\n"
        )
        cluster = self._java("kafka.tools.StorageTool", "random-uuid").stdout.strip()
        self._java("kafka.tools.StorageTool", "format", "--standalone", "--cluster-id", cluster, "--config", f"{work}/server.properties")
        self.start()

    def _java(self, *args):
        done = subprocess.run(["java", "-cp", f"{self.jars}/*", *args], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(args)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def start(self):
        log = open(self.work / "server.log", "ab")
        self.process = subprocess.Popen(
            ["java", "-Xmx512m", "-cp", f"{self.jars}/*", "kafka.Kafka", f"{self.work}/server.properties"], stdout=log, stderr=log
        )

    def kill(self):
        self.process.kill()
        self.process.wait()

    def create(self, topic, partitions):
        admin = AdminClient({"bootstrap.servers": self.brokers, "log_level": 2})
        created = admin.create_topics([NewTopic(topic, partitions, 1)], operation_timeout=180, request_timeout=180)
        created[topic].result(timeout=200)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.kill()
        if kind:
            print((self.work / "server.log").read_text()[-2000:])
