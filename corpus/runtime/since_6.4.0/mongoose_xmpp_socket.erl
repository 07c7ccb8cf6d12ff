%%% Stand-in: what is known of a session's connection since 6.4.0.
-module(mongoose_xmpp_socket).

-export([get_ip/1, get_conn_type/1, is_ssl/1]).

get_ip({_Kind, Address}) -> Address.

get_conn_type({tls, _}) -> tls;
get_conn_type({_Kind, _}) -> tcp.

is_ssl({Kind, _}) -> Kind =:= tls.
