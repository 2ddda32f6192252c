"""The official images of Docker Hub, those that a name without a folder means.

Written down by hand after https://hub.docker.com/u/library in November 2026, with images that were once there: a name
too many costs a finding, one that is missing a false alarm.
"""

_NAMES = """
adminer adoptopenjdk aerospike almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux
backdrop bash bonita buildpack-deps busybox caddy cassandra celery centos chronograf cirros clearlinux clefos
clickhouse clojure composer consul convertigo couchbase couchdb crate crux dart debian django docker docker-dev drupal
eclipse-mosquitto eclipse-temurin eggdrop elasticsearch elixir emqx erlang euleros express-gateway fedora flink
fluentd fsharp gazebo gcc geonetwork ghost glassfish golang gradle groovy haproxy haskell haxe hello-seattle
hello-world hitch hola-mundo httpd hylang ibm-semeru-runtimes ibmjava influxdb iojs irssi java jenkins jetty jobber
joomla jruby julia kaazing-gateway kapacitor kibana known kong krakend lightstreamer liquibase logstash mageia mariadb
matomo maven mediawiki memcached mongo mongo-express mono mysql nats nats-streaming neo4j neurodebian nextcloud nginx
node notary nuxeo odoo open-liberty openjdk opensuse oraclelinux orientdb owncloud percona perl photon php
php-zendserver phpmyadmin piwik plone postfixadmin postgres printerous pypy python r-base rabbitmq rails rakudo-star
rapidoid redis redmine registry rethinkdb rocket.chat rockylinux ros ruby rust sapmachine scala scratch sentry
silverpeas sl solr sonarqube sourcemage spark spiped storm swarm swift swipl teamspeak telegraf thrift tomcat tomee
traefik ubuntu ubuntu-debootstrap ubuntu-upstart unit valkey varnish vault websphere-liberty wordpress xwiki yourls
znc zookeeper
"""
_OFFICIAL = frozenset(_NAMES.split())


def is_official(name: str) -> bool:
    """Whether Docker Hub has, or had, an official image of this name."""
    return name in _OFFICIAL
