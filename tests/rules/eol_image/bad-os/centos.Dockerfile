FROM centos
